// The table of what steps call elsewhere: async and remote functions. Rates,
// latencies and sizes are of the time since the last look.
import { el, byId, count, bytes, span } from './base.js';

// quantile returns the bound below which a share of calls lies, by how many lie
// in each bucket; undefined if there are none.
function quantile(buckets, bounds, share) {
  const all = buckets.reduce((n, b) => n + b, 0);
  let sum = 0;
  for (let i = 0; i < buckets.length && all > 0; i++) {
    sum += buckets[i];
    if (sum >= share * all) return i < bounds.length ? bounds[i] : Infinity;
  }
  return undefined;
}

const within = (q) => q === undefined ? '–' : q === Infinity ? 'longer' : '≤ ' + span(q);

function cells(c, b, seconds, bounds) {
  const since = (field) => b ? c[field] - b[field] : 0;
  const took = c.latency.map((n, i) => Math.max(0, n - (b ? b.latency[i] : 0)));
  return [
    seconds > 0 ? count(since('calls') / seconds) : '–',
    count(c.in_flight), count(c.backlog),
    since('returned') > 0 ? span(since('waited') / since('returned')) : '–',
    within(quantile(took, bounds, 0.99)),
    since('batches') > 0 ? count(since('records') / since('batches')) : '–',
    bytes(c.sent), bytes(c.received),
    count(c.failed), count(c.timed_out), count(c.retried), count(c.given_up),
    c.open_shards > 0 ? 'kept back' : '',
  ];
}

// showFunctions fills the table, which is hidden where no step calls anything.
export function showFunctions(s, before) {
  const steps = s.operators.filter((o) => o.calls);
  byId('functions-section').hidden = !steps.length;
  const seconds = before ? (s.now - before.now) / 1e6 : 0;
  const head = ['step', 'calls/s', 'in flight', 'backlog', 'mean', 'p99', 'batch', 'sent', 'received', 'failed', 'timed out', 'again', 'given up', ''];
  const rows = steps.map((o) => {
    const was = before && before.operators.find((x) => x.uid === o.uid);
    return el('tr', {}, el('td', { title: o.place || '' }, o.name),
      ...cells(o.calls, was && was.calls, seconds, s.latency_bounds).map((c) => el('td', { class: 'num' }, c)));
  });
  byId('functions').replaceChildren(
    el('thead', {}, el('tr', {}, ...head.map((h, i) => el('th', { class: i ? 'num' : '', scope: 'col' }, h)))),
    el('tbody', {}, ...rows));
}
