// The page's parts, and what they share: requests, elements, and where the page is.
import { startPlay } from '/play.js';
import { startRuns } from '/runs.js';

/** An element by its id. */
export const at = id => document.getElementById(id);

/** A new element with text, never markup. */
export function element(name, text = '', more = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  return Object.assign(made, more);
}

let complainer;

/** Says what went wrong with something, until something else does or that goes well. */
export function complain(error, by) {
  if (error || by === complainer) {
    complainer = by;
    at('error').hidden = !error;
    change(at('error'), error ? String(error.message ?? error) : '');
  }
}

/** Changes what an element says, and nothing if it says that: who reads it, or hears it, is not disturbed. */
export function change(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** A request's answer, or what is wrong as an Error. */
export async function ask(path, body, signal) {
  const response = await fetch(path, body === undefined ? { signal } : {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal,
  });
  if (!response.ok) {
    const said = await response.json().catch(() => ({}));
    throw Object.assign(new Error(said.error ?? `the server answered ${response.status}`), { status: response.status });
  }
  return response;
}

/** A number in as many digits as one looks at. */
export function number(value, digits = 4) {
  return value === null || value === undefined ? '' : value.toFixed(digits);
}

/** A span of time for people. */
export function time(seconds) {
  if (seconds === undefined || seconds === null) {
    return '';
  }
  const whole = Math.round(seconds);
  return seconds < 0.1 ? `${(1000 * seconds).toPrecision(2)} ms` : seconds < 10 ? `${seconds.toFixed(2)} s`
    : whole < 120 ? `${whole} s` : whole < 7200 ? `${Math.floor(whole / 60)} min ${whole % 60} s`
      : `${Math.floor(whole / 3600)} h ${Math.round(whole % 3600 / 60)} min`;
}

function show() {
  const play = location.hash === '#play';
  for (const [page, shown] of [['runs', !play], ['play', play]]) {
    at(`${page}-page`).hidden = !shown;
    if (shown) {
      at(`to-${page}`).setAttribute('aria-current', 'page');
      document.title = `${at(`to-${page}`).textContent} - charlstm`;
    } else {
      at(`to-${page}`).removeAttribute('aria-current');
    }
  }
  dispatchEvent(new Event('resize'));
}

addEventListener('hashchange', () => {
  show();
  at('main').focus();
});
// Paper is white, whatever the screen is.
function paper(on) {
  document.documentElement.classList.toggle('paper', on);
  dispatchEvent(new Event('repaint'));
}
addEventListener('beforeprint', () => paper(true));
addEventListener('afterprint', () => paper(false));
matchMedia('print').addEventListener('change', event => paper(event.matches));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => dispatchEvent(new Event('repaint')));
// Modules import each other: this runs when all are there.
queueMicrotask(() => {
  show();
  startRuns().catch(error => complain(error, 'runs'));
  startPlay().catch(error => complain(error, 'play'));
});
