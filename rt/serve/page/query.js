// The browser of queryable state: a page of keys, or all that one key has.
import { el, byId, getJSON } from './base.js';

let states = [], next = '', more = false, asked = 0;

const chosen = () => states.find((s) => s.name === byId('query-state').value);

export async function startQueries() {
  states = (await getJSON('/state')).states;
  byId('query-state').replaceChildren(...states.map((s) => el('option', { value: s.name }, s.name)));
  byId('query').hidden = !states.length;
  if (!states.length) byId('query-said').textContent = 'No state of this program is queryable. Mark one: state last: value<float> queryable "last".';
}

const show = (v) => v === undefined ? '' : typeof v === 'string' ? v : JSON.stringify(v);

// rowsOf returns the rows of a table for an answer.
function rowsOf(said) {
  if (said.entries) return said.entries.map((e) => ['index' in e ? e.index : e.map_key, e.value]);
  if (said.rows) return said.rows.map((r) => [r.key, r.entries ? r.entries.map((e) => 'value' in e ? [('index' in e ? e.index : e.map_key), e.value] : e.map_key) : r.value]);
  return [[said.key, said.value]];
}

// run asks, and shows the answer unless something else has been asked meanwhile.
async function run(append) {
  const s = chosen(), mine = ++asked;
  if (!s) return;
  byId('query-flow').textContent = s.flow + (s.place ? '   ' + s.place : '');
  const q = new URLSearchParams();
  const key = byId('query-key').value;
  if (key) q.set('key', key);
  if (byId('query-prefix').value) q.set('prefix', byId('query-prefix').value);
  if (byId('query-checkpointed').checked) q.set('consistency', 'checkpointed');
  if (append) q.set('cursor', next);
  try {
    const said = await getJSON('/state/' + encodeURIComponent(s.name) + '?' + q);
    if (mine !== asked) return;
    const rows = rowsOf(said).map(([k, v]) => el('tr', {}, el('td', { class: 'text' }, show(k)), el('td', { class: 'text' }, show(v))));
    const table = byId('answer');
    if (append) table.tBodies[0].append(...rows);
    else table.replaceChildren(el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, said.entries && s.key ? 'entry' : 'key'), el('th', { scope: 'col' }, 'value'))), el('tbody', {}, ...rows));
    next = said.next || '';
    more = append;
    byId('query-more').hidden = !next;
    byId('query-said').textContent = byId('answer').tBodies[0].rows.length ? '' : 'Nothing yet.';
  } catch (e) {
    if (mine !== asked) return;
    if (!append) byId('answer').replaceChildren();
    byId('query-more').hidden = true;
    byId('query-said').textContent = e.message + (e.did_you_mean ? ' Did you mean ' + e.did_you_mean + '?' : '');
  }
}

// refreshQuery asks again, unless the reader has gone on to further pages.
export async function refreshQuery() {
  if (byId('query-live').checked && !more) await run(false);
}

byId('query').addEventListener('submit', (e) => { e.preventDefault(); run(false); });
byId('query-state').addEventListener('change', () => { byId('query-key').value = ''; byId('query-prefix').value = ''; run(false); });
byId('query-checkpointed').addEventListener('change', () => run(false));
byId('query-more').addEventListener('click', () => run(true));
