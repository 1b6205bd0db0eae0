// What the parts of the dashboard share.

export const byId = (id) => document.getElementById(id);

// el makes an element; a name that begins with svg: is of SVG. Children that are
// no elements become text.
export function el(name, attributes, ...children) {
  const svg = name.startsWith('svg:');
  const e = svg ? document.createElementNS('http://www.w3.org/2000/svg', name.slice(4)) : document.createElement(name);
  for (const [k, v] of Object.entries(attributes || {})) e.setAttribute(k, v);
  e.append(...children);
  return e;
}

export const token = () => sessionStorage.getItem('flow-token') || '';
export const setToken = (t) => sessionStorage.setItem('flow-token', t.trim());

// exact keeps the digits of a whole number that is no number of JavaScript, where the
// browser tells them.
function exact(_, v, context) {
  return typeof v === 'number' && !Number.isSafeInteger(v) && Number.isInteger(v) && context && JSON.rawJSON ? JSON.rawJSON(context.source) : v;
}

// getJSON asks the job. An error has the code and message of the answer.
export async function getJSON(path, options = {}) {
  const headers = { ...options.headers };
  if (token()) headers.Authorization = 'Bearer ' + token();
  const signal = options.method === 'POST' ? undefined : AbortSignal.timeout(15000); // a savepoint takes its time
  const answer = await fetch(path, { ...options, headers, signal });
  const said = JSON.parse(await answer.text(), exact);
  if (!answer.ok) throw Object.assign(new Error(said.error.message), said.error);
  return said;
}

byId('ask-no').addEventListener('click', () => byId('ask').close('no'));

// ask shows the dialog and returns {value, checked}, or null.
export function ask({ title, text, input, secret, value, check, yes }) {
  const dialog = byId('ask');
  byId('ask-title').textContent = title;
  byId('ask-text').textContent = text;
  byId('ask-label').hidden = !input;
  byId('ask-label').querySelector('span').textContent = input || '';
  const field = byId('ask-input');
  field.type = secret ? 'password' : 'text';
  field.value = value || '';
  field.required = !!input && !secret;
  byId('ask-check-label').hidden = !check;
  byId('ask-check-label').querySelector('span').textContent = check || '';
  byId('ask-check').checked = false;
  byId('ask-yes').textContent = yes;
  dialog.returnValue = 'no';
  dialog.showModal();
  if (input) field.focus();
  return new Promise((done) => dialog.addEventListener('close', () => {
    done(dialog.returnValue === 'yes' ? { value: field.value, checked: byId('ask-check').checked } : null);
  }, { once: true }));
}

const units = [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']];

// count writes a number short: 12345678 is 12.3 M.
export function count(n) {
  for (const [size, unit] of units) if (n >= 10 * size || (size > 1e3 && n >= size)) return (n / size).toFixed(n >= 100 * size ? 0 : 1) + ' ' + unit;
  return n < 10 && n % 1 ? n.toFixed(1) : String(Math.round(n));
}

export function bytes(n) {
  let unit = 'B';
  for (const next of ['KiB', 'MiB', 'GiB', 'TiB']) {
    if (n < 1024) break;
    n /= 1024;
    unit = next;
  }
  return (unit === 'B' || n >= 100 ? Math.round(n) : n.toFixed(1)) + ' ' + unit;
}

export const percent = (share) => Math.round(100 * Math.min(1, share)) + ' %';

// span writes seconds.
export function span(s) {
  if (s < 0) return '-' + span(-s);
  if (s < 0.001) return Math.round(1e6 * s) + ' µs';
  if (s < 0.01) return +(1000 * s).toFixed(2) + ' ms';
  if (s < 1) return Math.round(1000 * s) + ' ms';
  if (s < 60) return s.toFixed(1) + ' s';
  if (s < 3600) return Math.floor(s / 60) + ' min ' + Math.floor(s % 60) + ' s';
  if (s < 86400) return Math.floor(s / 3600) + ' h ' + Math.floor(s % 3600 / 60) + ' min';
  return Math.floor(s / 86400).toLocaleString('en') + ' d ' + Math.floor(s % 86400 / 3600) + ' h';
}

// clock writes a time that is given in µs, in UTC.
export const clock = (us) => new Date(us / 1000).toISOString().replace('T', ' ').slice(0, 19);
