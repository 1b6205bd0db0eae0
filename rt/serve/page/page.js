// The dashboard: asks /status once a second and shows what it answers. Nothing
// comes from anywhere but the job; what the job says is set as text, never as
// HTML.
import { el, byId, ask, getJSON, token, setToken, count, bytes, percent, span, clock } from './base.js';
import { drawGraph, choose } from './graph.js';
import { showFunctions } from './functions.js';
import { startQueries, refreshQuery } from './query.js';

const every = 1000;  // ms between two looks
const kept = 300;    // looks that charts show
const history = [];  // of {now, sizes, status}
let last = null;

function rates(now, before) {
  const seconds = before ? (now.now - before.now) / 1e6 : 0;
  const of = (list, uid, field) => {
    const a = now[list].find((n) => n.uid === uid), b = before && before[list].find((n) => n.uid === uid);
    return a && b && seconds > 0 ? Math.max(0, (a[field] - b[field]) / seconds) : 0;
  };
  const edge = (e) => {
    const b = before && before.edges.find((o) => o.from === e.from && o.to === e.to);
    return b && seconds > 0 ? Math.max(0, (e.records - b.records) / seconds) : 0;
  };
  return { of, edge };
}

function showHead(s, r) {
  byId('job').textContent = s.job;
  document.title = s.job + ' · flow';
  const state = byId('state');
  state.textContent = s.running ? 'running' : s.failed ? 'failed, starts again' : 'not running';
  state.className = 'pill ' + (s.running ? 'good' : 'bad');
  const marks = s.operators.map((o) => o.watermark).filter((m) => m !== undefined);
  const facts = [
    ['up', span((s.now - s.start) / 1e6)],
    ['in', count(s.sources.reduce((n, x) => n + r.of('sources', x.uid, 'records'), 0)) + '/s'],
    ['out', count(s.sinks.reduce((n, x) => n + r.of('sinks', x.uid, 'records'), 0)) + '/s'],
    ['watermark', marks.length ? clock(Math.min(...marks)) : '–'],
    ['lag', marks.length ? span((s.now - Math.min(...marks)) / 1e6) : '–'],
    ['shards', String(s.parallelism)],
    ...(s.restarts ? [['restarts', String(s.restarts)]] : []),
  ];
  byId('totals').replaceChildren(...facts.map(([k, v]) => el('div', {}, el('dt', {}, k), el('dd', {}, v))));
}

function showSteps(s, r) {
  const head = ['', 'name', 'in', 'in/s', 'out', 'busy', 'held back', 'queued', 'watermark', 'lag', 'late', 'failed', 'keys', 'state', 'timers'];
  const rows = [];
  const row = (kind, n, cells) => rows.push(el('tr', {}, el('td', { class: 'dim' }, kind), el('td', { title: n.place || '' }, n.name),
    ...cells.map((c) => el('td', { class: 'num' }, c))));
  const mark = (n) => [n.watermark === undefined ? '–' : clock(n.watermark), n.watermark === undefined ? '–' : span((s.now - n.watermark) / 1e6)];
  for (const n of s.sources) {
    row('source', n, [count(n.records), count(r.of('sources', n.uid, 'records')), '', percent(r.of('sources', n.uid, 'busy') / s.parallelism),
      percent(r.of('sources', n.uid, 'backpressured') / n.partitions), n.in_flight + '/' + n.window, ...mark(n), '', count(n.malformed + n.failed), '', '', '']);
  }
  for (const n of s.operators) {
    row('step', n, [count(n.records), count(r.of('operators', n.uid, 'records')), count(n.emitted), percent(r.of('operators', n.uid, 'busy') / s.parallelism),
      '', count(n.queued), ...mark(n), count(n.late), count(n.failed), count(n.keys), bytes(n.bytes), count(n.timers_pending)]);
  }
  for (const n of s.sinks) {
    row('sink', n, [count(n.records), count(r.of('sinks', n.uid, 'records')), bytes(n.bytes), percent(r.of('sinks', n.uid, 'writing')), '', '', '', '', '', '', '', '', '']);
  }
  byId('steps').replaceChildren(
    el('thead', {}, el('tr', {}, ...head.map((h, i) => el('th', { class: i > 1 ? 'num' : '', scope: 'col' }, h)))),
    el('tbody', {}, ...rows));
}

function chart(title, now, points) {
  if (points.length === 1) points = [points[0], points[0]];
  const top = Math.max(1, ...points);
  const path = points.map((p, i) => (i ? 'L' : 'M') + (i * 100 / Math.max(1, points.length - 1)).toFixed(2) + ' ' + (30 - 28 * p / top).toFixed(2)).join('');
  const svg = el('svg:svg', { viewBox: '0 0 100 31', preserveAspectRatio: 'none', role: 'img', 'aria-label': title + ' ' + now });
  svg.append(el('svg:path', { d: path }));
  return el('figure', { class: 'chart' }, el('figcaption', {}, el('span', {}, title), el('span', { class: 'dim' }, now)), svg);
}

function showSizes(s) {
  const charts = [];
  for (const o of s.operators) {
    const of = (field) => history.map((h) => (h.operators.find((x) => x.uid === o.uid) || o)[field]);
    charts.push(chart(o.name + ': keys', count(o.keys), of('keys')), chart(o.name + ': memory', bytes(o.bytes), of('bytes')));
  }
  byId('sizes').replaceChildren(...(charts.length ? charts : [el('p', { class: 'dim' }, 'No step of this program has state.')]));
}

// table makes a table; what heads its columns says how they are laid out: 'n:' to
// the right, 't:' as text that may break.
function table(head, rows) {
  const columns = head.map((h) => h.split(/^([nt]):/)).map(([name, kind, rest]) => kind ? { name: rest, kind: kind === 'n' ? 'num' : 'text' } : { name, kind: '' });
  const line = (name, cells, more) => el('tr', {}, ...cells.map((c, i) => el(name, { class: columns[i].kind, ...more }, c)));
  return [el('thead', {}, line('th', columns.map((c) => c.name), { scope: 'col' })), el('tbody', {}, ...rows.map((cells) => line('td', cells)))];
}

// The checkpoint whose steps are shown: the latest, unless its reader has chosen one.
let picked = null, checkpointsSeen = '';

function showCheckpoints(s) {
  const c = s.checkpoints, shown = c.history.find((h) => h.id === picked) || c.history.findLast((h) => h.steps) || {};
  const seen = JSON.stringify([c.enabled, c.completed, c.failed, shown.id, picked, c.history.length && c.history.at(-1).id]);
  if (seen === checkpointsSeen) return; // what has focus keeps it
  checkpointsSeen = seen;
  byId('checkpoints-said').textContent = c.enabled || c.history.length ? c.completed + ' completed, ' + c.failed + ' failed' : 'Off. --checkpoint-to DIR turns them on.';
  const failed = c.history.some((h) => h.error), focus = document.activeElement && document.activeElement.dataset.checkpoint;
  byId('checkpoints').replaceChildren(...(c.history.length ? table(['n:id', 'at', 'n:took', 'n:paused', 'n:wrote', ...(failed ? ['t:'] : [])], c.history.toReversed().map((h) => {
    const pick = el('button', { type: 'button', class: 'link', 'data-checkpoint': h.id, 'aria-pressed': h === shown, title: 'its steps' }, String(h.id));
    pick.addEventListener('click', () => { picked = picked === h.id ? null : h.id; showCheckpoints(s); });
    return [h.error ? String(h.id) : pick, clock(h.at), span(h.duration), span(h.pause), bytes(h.bytes), ...(failed ? [el('span', { class: 'bad' }, h.error || '')] : [])];
  })) : []));
  if (focus) byId('checkpoints').querySelector('[data-checkpoint="' + focus + '"]')?.focus({ preventScroll: true });
  byId('saved-title').textContent = shown.steps ? 'Checkpoint ' + shown.id + (picked === shown.id ? '' : ', the latest') + ', by step' : '';
  byId('saved').replaceChildren(...(shown.steps ? table(['step', 'n:took', 'n:paused', 'n:wrote', 'n:size'], shown.steps.map((x) => {
    const step = s.operators.find((o) => o.uid === x.uid);
    return [step ? step.name : x.uid, span(x.duration), span(x.pause), bytes(x.bytes), bytes(x.size)];
  })) : []));
}

let errorsSeen = '';

function showErrors(list) {
  if (JSON.stringify(list) === errorsSeen) return; // who has scrolled stays there
  errorsSeen = JSON.stringify(list);
  if (!list.length) {
    byId('errors').replaceChildren(el('p', { class: 'dim' }, 'None.'));
    return;
  }
  byId('errors').replaceChildren(el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'The last errors' }, el('table', {}, ...table(['at', 'step', 't:place', 't:reason', 't:record'],
    list.toReversed().map((e) => [clock(e.at), e.uid || '', e.place, el('span', { class: 'bad' }, e.reason + (e.count > 1 ? ' (and ' + (e.count - 1) + ' more before it)' : '')), e.record || ''])))));
}

// notice says why the figures are old; '' if they are not.
function notice(text) {
  if (byId('notice').textContent !== text) byId('notice').textContent = text;
  byId('notice').hidden = !text;
  document.body.classList.toggle('old', !!text);
}

function why(e) {
  if (e.code === 'no_token') return token() ? 'The job does not take this token: press Token for another.' : 'The job asks for a token: press Token.';
  if (e.code === 'not_ready') return 'The job is not running yet.';
  return e.code ? e.message : 'The job does not answer. It has ended, or cannot be reached from here.';
}

// done says what has come of what was pressed.
function done(text, bad) {
  byId('done').textContent = text;
  byId('done').className = bad ? 'bad' : '';
  byId('done').hidden = !text;
}

let waiting = 0;

async function look() {
  clearTimeout(waiting);
  try {
    const s = await getJSON('/status');
    const r = rates(s, last);
    history.push({ operators: s.operators.map(({ uid, keys, bytes }) => ({ uid, keys, bytes })) });
    if (history.length > kept) history.shift();
    showHead(s, r);
    drawGraph(s, r);
    showSteps(s, r);
    showFunctions(s, last);
    showSizes(s);
    showCheckpoints(s);
    showErrors(s.errors);
    if (!last) await startQueries();
    last = s;
    byId('main').hidden = false;
    notice('');
    await refreshQuery();
  } catch (e) {
    byId('state').textContent = e.code === 'no_token' ? 'no token' : e.code === 'not_ready' ? 'not running' : 'no answer';
    byId('state').className = 'pill bad';
    notice(why(e));
    if (e.code === 'no_token') return; // until there is another
  }
  clearTimeout(waiting);
  waiting = setTimeout(look, document.hidden ? 5 * every : every);
}

async function act(path, body, begun, ended) {
  done(begun);
  try {
    await getJSON(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    done(ended);
  } catch (e) {
    done(why(e), true);
  }
}

byId('token-button').addEventListener('click', async () => {
  const a = await ask({ title: 'Token', text: 'It stays in this tab.', input: 'Token', secret: true, value: token(), yes: 'Keep' });
  if (!a) return;
  setToken(a.value);
  look();
});
byId('savepoint-button').addEventListener('click', async () => {
  const a = await ask({ title: 'Savepoint', text: 'A folder that does not exist yet, where the job runs.', input: 'Folder', check: 'and stop the job', yes: 'Take it' });
  if (a) act('/savepoint', { to: a.value, stop: a.checked }, 'The savepoint is being written.', 'The savepoint is in ' + a.value + '.');
});
byId('stop-button').addEventListener('click', async () => {
  if (await ask({ title: 'Stop the job?', text: 'What has been read is handled and written, as by SIGTERM.', yes: 'Stop' })) act('/stop', {}, '', 'The job has been told to stop.');
});
document.addEventListener('keydown', (e) => {
  if (e.key === 'Escape') choose(null);
  if (e.key === '/' && !e.ctrlKey && !e.altKey && !e.metaKey && !e.target.closest('input, select, dialog')) { e.preventDefault(); byId('query-key').focus(); }
});
look();
