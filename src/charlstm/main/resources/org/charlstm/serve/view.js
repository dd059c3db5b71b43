// The choices on the page of runs. They are kept in the address, for the back button, a reload or a link.
import { at } from '/main.js';

/**
 * Without `runs`, the page chooses them; `colors` are the numbers of their colours, `columns` those whose visibility
 * differs from the default.
 */
const USUAL = { runs: undefined, colors: '', sort: '-started', filter: '', columns: '', figure: 'loss', smooth: '0',
  log: '' };
export const view = { ...USUAL };

/** Reads the choices from the address. */
export function read() {
  const said = new URLSearchParams(location.hash.split('?')[1]);
  for (const name of Object.keys(USUAL)) {
    view[name] = said.get(name) ?? USUAL[name];
  }
  at('to-runs').href = location.hash.startsWith('#runs') ? location.hash : '#runs';
}

/** Changes a choice. While the user types or drags, the address changes without a new entry in the history. */
export function look(change, typed = false) {
  Object.assign(view, change);
  const said = new URLSearchParams(Object.entries(view).filter(([name, value]) => value !== USUAL[name])).toString();
  const address = said ? `#runs?${said.replaceAll('%2C', ',')}` : '#runs';
  if (address !== location.hash) {
    history[typed ? 'replaceState' : 'pushState'](null, '', address);
  }
  at('to-runs').href = address;
}

addEventListener('popstate', () => {
  if (location.hash !== '#play') {
    read();
    dispatchEvent(new Event('view'));
  }
});
