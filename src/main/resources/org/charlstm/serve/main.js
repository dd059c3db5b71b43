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

/** Says what went wrong, until something else does. */
export function complain(error) {
  at('error').hidden = !error;
  at('error').textContent = error ? String(error.message ?? error) : '';
}

/** A request's answer, or what is wrong as an Error. */
export async function ask(path, body, signal) {
  const response = await fetch(path, body === undefined ? { signal } : {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal,
  });
  if (!response.ok) {
    const said = await response.json().catch(() => ({}));
    throw new Error(said.error ?? `the server answered ${response.status}`);
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
  return seconds < 10 ? `${seconds.toFixed(2)} s` : whole < 120 ? `${whole} s`
    : whole < 7200 ? `${Math.floor(whole / 60)} min ${whole % 60} s`
      : `${Math.floor(whole / 3600)} h ${Math.round(whole % 3600 / 60)} min`;
}

function show() {
  const play = location.hash === '#play';
  at('runs-page').hidden = play;
  at('play-page').hidden = !play;
  at('to-runs').toggleAttribute('aria-current', !play);
  at('to-play').toggleAttribute('aria-current', play);
  dispatchEvent(new Event('resize'));
}

addEventListener('hashchange', () => {
  show();
  at('main').focus();
});
// Modules import each other: this runs when all are there.
queueMicrotask(() => {
  show();
  startRuns().catch(complain);
  startPlay().catch(complain);
});
