// The table of runs: its columns, and the order and choice of its rows.
import { color } from '/color.js';
import { at, change, element, number, time } from '/main.js';
import { look, view } from '/view.js';

const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });
const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
/** Keeps words in one line. */
const whole = words => words.replaceAll(' ', '\u00a0');
const loss = run => run.loss ?? run.progress?.loss;
const started = run => Date.parse(run.started) || undefined;
const WORDS = new Map([['true', 'yes'], ['false', 'no']]);

/**
 * Columns: the key to sort by, the text where it differs, whether the column is shown by default (`usual`), and whether
 * it is left out as long as no run has a value (`some`). A column has figures of one kind.
 */
const COLUMNS = [
  { id: 'run', title: 'Run', key: run => run.id },
  { id: 'state', title: 'State', usual: true, key: run => run.state,
    say: run => run.seconds_left === undefined ? run.state : `${run.state}, ${time(run.seconds_left)} left` },
  { id: 'epoch', title: 'Epoch', usual: true, number: true, key: run => run.epoch + share(run),
    say: run => whole(`${run.progress?.epoch ?? run.epoch}${run.epochs ? ` of ${run.epochs}` : ''}`) },
  { id: 'loss', title: 'Training loss', usual: true, number: true, key: loss, say: run => number(loss(run)) },
  { id: 'val_loss', title: 'Validation loss', usual: true, some: true, number: true, key: run => run.val_loss,
    say: run => number(run.val_loss) },
  best('best', 'Best training loss', 'loss'),
  best('val_best', 'Best validation loss', 'val_loss'),
  { id: 'seconds', title: 'An epoch', usual: true, number: true, key: run => run.seconds_per_epoch,
    say: run => whole(time(run.seconds_per_epoch)) },
  { id: 'speed', title: 'Characters a second', usual: true, number: true, key: speed,
    say: run => number(speed(run), 0) },
  { id: 'bits', title: 'Training bits', usual: true, number: true, key: run => run.bits_per_character,
    say: run => number(run.bits_per_character, 3) },
  { id: 'val_bits', title: 'Validation bits', usual: true, some: true, number: true,
    key: run => run.val_bits_per_character, say: run => number(run.val_bits_per_character, 3) },
  { id: 'started', title: 'Started', usual: true, key: started,
    say: run => started(run) ? `${whole(DATE.format(started(run)))}, ${CLOCK.format(started(run))}` : '' },
];

/** All columns for some runs, with a column for each setting in which they differ. */
function columnsOf(runs) {
  const settings = [...new Set(runs.flatMap(run => Object.keys(run.settings ?? {})))]
    .filter(name => name !== 'epochs').map(name => ({ id: `set.${name}`, title: name.replaceAll('_', ' '),
      usual: true, key: run => run.settings?.[name],
      say: run => WORDS.get(run.settings?.[name]) ?? run.settings?.[name] }));
  const texts = new Set(runs.map(run => run.text));
  return [...COLUMNS, ...settings,
    { id: 'device', title: 'Device', usual: true, key: run => run.device },
    { id: 'text', title: 'Text', usual: texts.size > 1, key: run => run.text },
  ].filter(each => !each.some || runs.some(run => (each.key(run) ?? undefined) !== undefined));
}

/** The best epoch's column of the runs whose best epoch is told by such a loss. */
function best(id, title, name) {
  const own = run => run.best?.name === name ? run.best : undefined;
  return { id, title, usual: true, some: true, number: true, key: run => own(run)?.loss,
    say: run => own(run) ? `${number(own(run).loss)} ${whole(`in ${own(run).epoch}`)}` : '' };
}

function speed(run) {
  return run.progress?.chars_per_second ?? run.chars_per_second;
}

/** The share of the current epoch that is done, from 0 to 1. */
export function share(run) {
  return Math.min(1, Math.max(0, run.progress?.step / run.progress?.steps || 0));
}

export class RunsTable {
  /** Calls back with a run's id when its box is ticked or its button to stop is pressed. */
  constructor(choose, halt) {
    Object.assign(this, { choose, halt, rows: new Map(), shape: '' });
    this.frame = at('runs-table').parentElement;
    this.frame.addEventListener('scroll', () => this.fit());
    addEventListener('resize', () => this.fit());
    at('filter').addEventListener('input', () => {
      look({ filter: at('filter').value }, true);
      this.render();
    });
  }

  /** Fills the table; rows that exist are kept, so that focus and a press of the mouse are not lost. */
  render(told = this.told) {
    this.told = told;
    const { runs, leftOut } = told;
    at('no-runs').hidden = runs.length > 0;
    at('runs-table').hidden = runs.length === 0;
    const all = columnsOf(runs);
    const toggled = view.columns.split(',');
    const columns = all.filter(each => each.id === 'run' || !!each.usual !== toggled.includes(each.id));
    const body = at('runs-table').tBodies[0];
    const focused = document.activeElement?.dataset?.focus;
    const shape = JSON.stringify([columns.map(each => each.id), all.map(each => each.id), view.columns, view.sort]);
    if (this.shape !== shape) {
      this.shape = shape;
      this.rows.clear();
      body.replaceChildren();
      this.head(columns);
      this.offer(all, toggled);
    }
    if (at('filter') !== document.activeElement) {
      at('filter').value = view.filter;
    }
    const shown = this.sorted(runs.filter(matches), all);
    change(at('filter-said'), [shown.length < runs.length && `${shown.length} of ${runs.length} runs`,
      leftOut > 0 && `${leftOut} more of the folder are left out`].filter(each => each).join('; '));
    shown.forEach((run, i) => {
      if (!this.rows.has(run.id)) {
        this.rows.set(run.id, this.row(run.id, columns));
      }
      const { line } = this.rows.get(run.id);
      this.fill(this.rows.get(run.id), run);
      if (body.children[i] !== line) {
        body.insertBefore(line, body.children[i] ?? null);
      }
    });
    const ids = new Set(shown.map(run => run.id));
    for (const [id, gone] of this.rows) {
      if (!ids.has(id)) {
        gone.line.remove();
        this.rows.delete(id);
      }
    }
    if (focused && document.activeElement?.dataset?.focus !== focused) {
      document.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
    }
    this.fit();
  }

  /** Ends the table's frame where a column ends, and says how many are beyond it: no word is cut. */
  fit() {
    const heads = [...at('runs-table').tHead.querySelectorAll('th')];
    const listed = heads.length > 0 && getComputedStyle(at('runs-table')).display === 'table';
    const left = listed ? this.frame.scrollLeft : 0;
    const room = this.frame.parentElement.clientWidth;
    const ends = heads.map(each => each.offsetLeft + each.offsetWidth);
    const end = listed ? ends.findLast(each => each - left <= room + 1) : undefined;
    const beyond = end === undefined ? 0 : ends.filter(each => each > end).length;
    this.frame.style.maxWidth = beyond > 0 ? `${end - left}px` : '';
    // What is scrolled to comes to stand beside the names.
    this.frame.style.scrollPaddingLeft = listed ? `${heads[0].offsetWidth}px` : '';
    change(at('runs-beyond'), beyond > 0 ? `${beyond} more ${beyond > 1 ? 'columns are' : 'column is'} to the right.`
      : '');
  }

  /** Keeps the order of equal rows; rows without a value are last in either direction. */
  sorted(runs, columns) {
    const down = view.sort.startsWith('-');
    const { key } = columns.find(each => each.id === view.sort.replace('-', '')) ?? COLUMNS[0];
    const order = (a, b) => typeof a === 'number' && typeof b === 'number' ? a - b
      : String(a).localeCompare(String(b), 'en', { numeric: true });
    return runs.map(run => [key(run) ?? undefined, run]).sort(([a], [b]) => a === undefined || b === undefined
      ? (a === undefined) - (b === undefined) : down ? order(b, a) : order(a, b)).map(([, run]) => run);
  }

  head(columns) {
    const line = element('tr');
    for (const each of columns) {
      const up = view.sort === each.id;
      const sorted = up || view.sort === `-${each.id}`;
      const name = element('th', '', { scope: 'col', className: each.number ? 'number' : '' });
      name.setAttribute('aria-sort', !sorted ? 'none' : up ? 'ascending' : 'descending');
      const button = element('button', each.title, { type: 'button', className: 'sort' });
      button.dataset.focus = `sort ${each.id}`;
      button.addEventListener('click', () => {
        look({ sort: up || (!sorted && each.id === 'started') ? `-${each.id}` : each.id });
        this.render();
      });
      name.append(button);
      line.append(name);
    }
    at('runs-table').tHead.replaceChildren(line);
  }

  /** The choice of columns. */
  offer(all, toggled) {
    at('columns').replaceChildren(...all.slice(1).map(each => {
      const label = element('label');
      const box = element('input', '', { type: 'checkbox', checked: !!each.usual !== toggled.includes(each.id) });
      box.dataset.focus = `column ${each.id}`;
      box.addEventListener('change', () => {
        look({ columns: [...toggled.filter(id => id && id !== each.id),
          ...toggled.includes(each.id) ? [] : [each.id]].join() });
        this.render();
      });
      label.append(box, ' ', each.title);
      return label;
    }));
  }

  /** A new row, without its figures. */
  row(id, columns) {
    const line = element('tr');
    const label = element('label');
    const box = element('input', '', { type: 'checkbox' });
    box.dataset.focus = `choose ${id}`;
    box.addEventListener('change', () => this.choose(id, box.checked));
    const key = element('span');
    label.append(box, key, element('span', id));
    const stop = element('button', '', { type: 'button' });
    stop.dataset.focus = `stop ${id}`;
    stop.addEventListener('click', () => this.halt(id));
    const bar = element('progress');
    const cells = columns.map(each => {
      const cell = element(each.id === 'run' ? 'th' : 'td', '', { className: each.number ? 'number' : '' });
      const text = element('span');
      cell.dataset.title = each.title;
      cell.append(each.id === 'run' ? label : text, ...{ state: [' ', stop], epoch: [bar] }[each.id] ?? []);
      line.append(cell);
      return { ...each, cell, text };
    });
    cells[0].cell.scope = 'row';
    return { line, box, key, stop, bar, cells };
  }

  fill({ box, key, stop, bar, cells }, run) {
    const { chosen, asked, allowStop } = this.told;
    box.checked = chosen.has(run.id);
    key.hidden = !chosen.has(run.id);
    if (chosen.has(run.id)) {
      key.className = 'key';
      key.style.background = color(chosen.get(run.id).key);
    }
    for (const { id, cell, text, key: value, say } of cells) {
      change(text, String((say ?? value)(run) ?? ''));
      if (id === 'state') {
        cell.className = `state-of ${run.state.replace(' ', '-')}`;
      } else if (id.startsWith('set.') || id === 'text') {
        cell.className = 'setting';
        cell.title = text.textContent;
      }
      cell.classList.toggle('blank', text.textContent === '' && id !== 'run');
    }
    bar.hidden = !run.progress;
    bar.value = share(run);
    bar.setAttribute('aria-label', `Step ${run.progress?.step} of ${run.progress?.steps}`);
    bar.title = bar.getAttribute('aria-label');
    stop.hidden = !run.training || !allowStop;
    stop.disabled = asked.has(run.id);
    change(stop, asked.has(run.id) ? 'Stopping' : 'Stop and save');
    stop.setAttribute('aria-label', `${stop.textContent} ${run.id}`);
  }
}

/** Whether a run has every word of the filter in its name, state, text, device or a setting such as hidden=128. */
function matches(run) {
  const has = [run.id, run.state, run.text, run.device,
    ...Object.entries(run.settings ?? {}).map(setting => setting.join('='))].join(' ').toLowerCase();
  return view.filter.toLowerCase().split(/\s+/).every(word => has.includes(word));
}
