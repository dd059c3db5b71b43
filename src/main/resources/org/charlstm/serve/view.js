// The choices on the runs' page. The address keeps them: one can go back to them, reload the page and send a link.
import { at } from '/main.js';

/** Without `runs`, those that are shown are the page's choice; `columns` are those that are not as usual. */
const USUAL = { runs: undefined, sort: '-started', filter: '', columns: '', figure: 'loss', smooth: '0', log: '' };
export const view = { ...USUAL };

/** Takes over what the address says. */
export function read() {
  const said = new URLSearchParams(location.hash.split('?')[1]);
  for (const name of Object.keys(USUAL)) {
    view[name] = said.get(name) ?? USUAL[name];
  }
  at('to-runs').href = location.hash.startsWith('#runs') ? location.hash : '#runs';
}

/** Changes a choice; as one types or drags, the address changes without a way back to each letter. */
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
