// The graph of the job: sources to the left, sinks to the right, each node in
// the column behind the last that leads to it.
import { el, byId, count, bytes, percent, span, clock } from './base.js';

const wide = 190, high = 74, gapX = 140, gapY = 26, border = 10, dip = 44;
let chosen = null, drawn = '', latest = null;

// forward returns the edges without those that lead back to where a way from the
// sources has come by, as those of messages do.
function forward(nodes, edges) {
  const on = new Map(), kept = []; // true while the way stands behind the node
  const follow = (id) => {
    on.set(id, true);
    for (const e of edges) {
      if (e.from !== id || on.get(e.to)) continue;
      kept.push(e);
      if (!on.has(e.to)) follow(e.to);
    }
    on.set(id, false);
  };
  for (const n of nodes) if (!on.has(n.id)) follow(n.id);
  return kept;
}

// columns returns the column of each node.
function columns(nodes, edges) {
  const at = new Map(nodes.map((n) => [n.id, 0])), kept = forward(nodes, edges);
  for (let moved = true; moved;) {
    moved = false;
    for (const e of kept) {
      if (!at.has(e.to) || at.get(e.to) > at.get(e.from)) continue;
      at.set(e.to, at.get(e.from) + 1);
      moved = true;
    }
  }
  const last = Math.max(0, ...at.values());
  for (const n of nodes) if (n.kind === 'sink') at.set(n.id, Math.max(last, 1));
  return at;
}

function place(nodes, edges) {
  const column = columns(nodes, edges), lanes = [];
  for (const n of nodes) (lanes[column.get(n.id)] ||= []).push(n);
  const most = Math.max(...lanes.filter(Boolean).map((l) => l.length));
  const around = edges.some((e) => column.get(e.to) - column.get(e.from) !== 1) ? dip : 0; // room for edges that pass below nodes
  const spot = new Map();
  lanes.forEach((lane, x) => lane && lane.forEach((n, y) => spot.set(n.id, {
    x: border + x * (wide + gapX),
    y: border + (y + (most - lane.length) / 2) * (high + gapY),
  })));
  return { spot, width: 2 * border + lanes.length * (wide + gapX) - gapX, height: 2 * border + most * (high + gapY) - gapY + around, column };
}

const short = (text, n) => text.length > n ? text.slice(0, n - 1) + '…' : text;

function lines(n, s, r) {
  if (n.kind === 'source') return [count(r.of('sources', n.uid, 'records')) + '/s in', n.watermark === undefined ? n.connector : 'mark ' + clock(n.watermark)];
  if (n.kind === 'sink') return [count(r.of('sinks', n.uid, 'records')) + '/s out', n.connector];
  return [count(r.of('operators', n.uid, 'records')) + '/s, ' + count(n.keys) + ' keys', n.watermark === undefined ? '' : 'mark ' + clock(n.watermark)];
}

function load(n, s, r) {
  if (n.kind === 'source') return { busy: r.of('sources', n.uid, 'busy') / s.parallelism, held: r.of('sources', n.uid, 'backpressured') / n.partitions };
  if (n.kind === 'sink') return { busy: r.of('sinks', n.uid, 'writing'), held: 0 };
  return { busy: r.of('operators', n.uid, 'busy') / s.parallelism, held: 0 };
}

// drawGraph makes the picture when the program is new, and then changes the
// figures in it, so that focus stays where it is.
export function drawGraph(s, r) {
  latest = { s, r };
  const of = (list, kind) => list.map((n) => ({ ...n, kind, id: kind + '/' + n.uid }));
  const nodes = [...of(s.sources, 'source'), ...of(s.operators, 'step'), ...of(s.sinks, 'sink')];
  const shape = JSON.stringify([nodes.map((n) => n.id), s.edges.map((e) => [e.from, e.to])]);
  if (shape !== drawn) {
    build(nodes, s.edges);
    drawn = shape;
  }
  const most = Math.max(1, ...s.edges.map(r.edge));
  const held = s.sources.some((n) => r.of('sources', n.uid, 'backpressured') / n.partitions > 0.05);
  for (const e of s.edges) {
    const id = edgeId(e), rate = r.edge(e);
    const path = document.querySelector('[data-edge="' + CSS.escape(id) + '"]');
    if (!path) continue;
    path.setAttribute('stroke-width', (1.2 + 3.8 * rate / most).toFixed(1));
    path.setAttribute('class', 'edge' + (e.waiting && held ? ' held' : ''));
    const say = (line, text) => { document.querySelector('[data-text="' + CSS.escape(id + line) + '"]').textContent = text; };
    say(0, count(rate) + '/s' + (e.waiting ? ', ' + count(e.waiting) + ' wait' : ''));
    say(1, e.watermark === undefined ? '' : clock(e.watermark));
  }
  for (const n of nodes) {
    const g = document.querySelector('[data-id="' + CSS.escape(n.id) + '"]');
    const [a, b] = lines(n, s, r), { busy, held } = load(n, s, r);
    g.querySelectorAll('text.sub').forEach((t, i) => { t.textContent = short([a, b][i] || '', 27); });
    const bar = g.querySelector('.bar');
    bar.setAttribute('width', (wide - 2) * Math.min(1, Math.max(busy, held)));
    bar.setAttribute('class', 'bar' + (held > busy ? ' held' : busy > 0.8 ? ' hot' : ''));
    g.setAttribute('aria-label', n.kind + ' ' + n.name + ', ' + a + ', busy ' + percent(busy) + (held > 0.01 ? ', held back ' + percent(held) : ''));
  }
  detail();
}

const edgeId = (e) => e.from + ' → ' + e.to;

function build(nodes, edges) {
  const { spot, width, height, column } = place(nodes, edges);
  const svg = el('svg:svg', { width, height, viewBox: '0 0 ' + width + ' ' + height });
  // What an edge says stands where it ends, or where it begins if others end there, too.
  const shared = new Set(edges.filter((e) => edges.some((o) => o !== e && o.to === e.to)).map((e) => e.to));
  const texts = []; // on top of all edges
  for (const e of edges) {
    const a = spot.get(e.from), b = spot.get(e.to);
    if (!a || !b) continue;
    const x1 = a.x + wide, y1 = a.y + high / 2, x2 = b.x, y2 = b.y + high / 2, bend = Math.max(40, (x2 - x1) / 2);
    const low = Math.max(y1, y2) + high / 2 + dip - 20;
    const near = column.get(e.to) - column.get(e.from) === 1;
    const d = near ? `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
      : `M${x1} ${y1}C${x1 + 60} ${y1} ${x1 + 10} ${low} ${x1 + gapX / 2 + 30} ${low}L${x2 - gapX / 2 - 30} ${low}C${x2 - 10} ${low} ${x2 - 60} ${y2} ${x2} ${y2}`;
    const [x, y, anchor] = !near ? [(x1 + x2) / 2, low, 'middle'] : shared.has(e.to) ? [x1 + 6, y1, 'start'] : [x2 - 6, y2, 'end'];
    svg.append(el('svg:path', { class: 'edge', 'data-edge': edgeId(e), d }));
    texts.push(...[y - 7, y + 15].map((at, i) => el('svg:text', { class: 'edge-text', 'data-text': edgeId(e) + i, x, y: at, 'text-anchor': anchor }, '')));
  }
  svg.append(...texts);
  for (const n of nodes) {
    const { x, y } = spot.get(n.id);
    const g = el('svg:g', { class: 'node', 'data-id': n.id, transform: `translate(${x} ${y})`, tabindex: '0', role: 'button', 'aria-pressed': 'false' },
      el('svg:rect', { class: 'box', width: wide, height: high, rx: 6 }),
      el('svg:rect', { class: 'bar', x: 1, y: high - 5, width: 0, height: 4 }),
      el('svg:text', { x: 10, y: 20 }, short(n.name, 24)),
      el('svg:text', { class: 'sub', x: 10, y: 40 }, ''),
      el('svg:text', { class: 'sub', x: 10, y: 57 }, ''));
    g.addEventListener('click', () => choose(n.id));
    g.addEventListener('keydown', (e) => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); choose(n.id); } });
    svg.append(g);
  }
  byId('graph').replaceChildren(svg);
}

// choose shows all figures of one node; null shows none.
export function choose(id) {
  chosen = chosen === id ? null : id;
  for (const g of document.querySelectorAll('.node')) g.setAttribute('aria-pressed', g.classList.toggle('chosen', g.dataset.id === chosen));
  detail();
}

function detail() {
  const { s, r } = latest || {};
  const of = (list, kind) => s && s[list].find((n) => kind + '/' + n.uid === chosen);
  const source = of('sources', 'source'), step = of('operators', 'step'), sink = of('sinks', 'sink'), n = source || step || sink;
  if (!n) {
    byId('detail').replaceChildren();
    return;
  }
  const facts = [['uid', n.uid], ['place', n.place || '–'], ['records', count(n.records)]];
  if (source) facts.push(['connector', n.connector], ['read', bytes(n.bytes)], ['blocks in flight', n.in_flight + ' of ' + n.window], ['partitions', n.partitions + ', ' + n.idle_partitions + ' idle, ' + n.ended_partitions + ' ended'],
    ['busy', span(n.busy)], ['waited for input', span(n.waiting)], ['held back', span(n.backpressured)], ['malformed', count(n.malformed)], ['failed', count(n.failed)]);
  if (step) facts.push(['operator', n.operator || '–'], ['key', n.key || '–'], ['emitted', count(n.emitted)], ['busy', span(n.busy) + ' (' + percent(r.of('operators', n.uid, 'busy') / s.parallelism) + ' now)'],
    ['queued', count(n.queued)], ['late', count(n.late)], ['failed', count(n.failed)], ['keys', count(n.keys)], ['memory', bytes(n.bytes)], ['timers', count(n.timers_pending)], ...(n.states || []).map((x) => ['state', x]), ...(n.timers || []).map((x) => ['timer', x]));
  if (sink) facts.push(['connector', n.connector], ['written', bytes(n.bytes)], ['writes', count(n.writes)], ['time writing', span(n.writing)], ['commits', count(n.commits)]);
  byId('detail').replaceChildren(el('h3', {}, n.name), el('dl', {}, ...facts.map(([k, v]) => el('div', {}, el('dt', {}, k), el('dd', { class: k === 'state' || k === 'timer' ? 'code' : '' }, String(v))))));
}
