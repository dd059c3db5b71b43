// Shows one of the two parts of the page, and holds what they share: requests, elements, numbers.
import { startPlay } from '/play.js';
import { startRuns } from '/runs.js';

export const at = id => document.getElementById(id);

/** A new element with text, never markup. */
export function element(name, text = '', more = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  return Object.assign(made, more);
}

/** The errors that are shown, by their cause. */
const wrong = new Map();

/** Shows an error of a cause; without an error, removes the one of that cause. */
export function complain(error, by) {
  wrong.delete(by);
  if (error) {
    wrong.set(by, String(error.message ?? error));
  }
  at('error').hidden = wrong.size === 0;
  change(at('error'), [...new Set(wrong.values())].join(' '));
}

/** Sets the text of an element, and leaves it alone if it is the same: a screen reader would read it again. */
export function change(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** Sends a request; returns its answer, or throws an Error with the server's message. */
export async function ask(path, body, signal) {
  const response = await fetch(path, body === undefined ? { signal } : {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal,
  }).catch(error => {
    throw error.name === 'AbortError' ? error : new Error('The server does not answer.');
  });
  if (!response.ok) {
    const said = await response.json().catch(() => ({}));
    throw Object.assign(new Error(said.error ?? `the server answered ${response.status}`), { status: response.status });
  }
  return response;
}

/** A number with a few significant digits. */
export function number(value, digits = 4) {
  const places = Math.abs(value) < 1000 ? digits : 0;
  return value === null || value === undefined ? ''
    : value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places });
}

/** A duration in words. */
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
  const before = document.title;
  show();
  if (document.title !== before) {
    ['choice', 'stop', 'play', 'units'].forEach(by => complain(null, by));
    at('main').focus();
  }
});
// Paper is white even where the screen is dark.
function paper(on) {
  document.documentElement.classList.toggle('paper', on);
  dispatchEvent(new Event('repaint'));
}
addEventListener('beforeprint', () => paper(true));
addEventListener('afterprint', () => paper(false));
matchMedia('print').addEventListener('change', event => paper(event.matches));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => dispatchEvent(new Event('repaint')));
// The modules import each other: this runs once all are loaded.
queueMicrotask(() => {
  show();
  startRuns();
  startPlay();
});
