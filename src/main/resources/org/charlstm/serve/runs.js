// Runs: the table, the chosen ones in one chart, live, and their sentences.
import { ask, at, change, complain, element, number, time } from '/main.js';
import { Chart } from '/chart.js';

/** How many can be over each other: one for each colour, and as many as the server tells of at once. */
const MOST = 8;
const SENTENCES = 20;
/** Epochs of the table that has the chart's figures. */
const EPOCHS = 200;
const PERIOD = 5000;
const AGAIN_MILLIS = 3000;
/** What is drawn for each choice; a second one is dashed. */
const FIGURES = {
  loss: ['loss', 'val_loss'], bits_per_character: ['bits_per_character', 'val_bits_per_character'],
  seconds: ['seconds'],
};

/** The chosen runs by id: {key, metrics, samples}. */
const chosen = new Map();
/** What tells of them, in one connection: a browser has six for a server. */
let source;
let table = [];
let allowStop = false;
/** Those that have been asked to stop. */
const asked = new Set();
let chart;
/** The table's rows by the run's id, and the columns that they were made for. */
const rows = new Map();
let columns = '';
/** The sentences that are shown, by run and epoch. */
const written = new Map();

export async function startRuns() {
  chart = new Chart(at('chart'));
  at('figure').addEventListener('change', draw);
  at('figures').addEventListener('toggle', draw);
  await list();
  const first = table.find(run => run.training) ?? table.at(-1);
  if (first) {
    choose(first.id, true);
  }
  setInterval(() => document.hidden || list().catch(error => complain(error, 'runs')), PERIOD);
}

async function list() {
  const said = await (await ask('/api/runs')).json();
  table = said.runs;
  allowStop = said.allow_stop;
  [...chosen.keys()].filter(id => !table.some(run => run.id === id)).forEach(id => choose(id, false));
  complain(null, 'runs');
  render();
}

function choose(id, on) {
  if (on && !chosen.has(id) && chosen.size === MOST) {
    complain(new Error(`${MOST} runs can be over each other; leave another out first`), 'choice');
  } else if (on !== chosen.has(id)) {
    if (on) {
      const used = new Set([...chosen.values()].map(each => each.key));
      chosen.set(id, { key: [...Array(MOST).keys()].find(each => !used.has(each)), metrics: new Map(), samples: [] });
    } else {
      chosen.delete(id);
    }
    complain(null, 'choice');
    follow();
  }
  render();
  draw();
  sentences();
}

/** Has the server tell of the chosen runs, from their beginning. */
function follow() {
  source?.close();
  source = undefined;
  if (chosen.size === 0) {
    return;
  }
  const own = new EventSource(`/api/runs/${[...chosen.keys()].join(',')}/events`);
  source = own;
  const hear = (name, what) => own.addEventListener(name, event => {
    const said = JSON.parse(event.data);
    const run = chosen.get(said.id);
    if (run) {
      what(run, said);
    }
  });
  hear('reset', run => {
    run.metrics.clear();
    run.samples = [];
  });
  hear('metrics', (run, said) => {
    said.lines.forEach(line => run.metrics.set(line.epoch, line));
    draw();
  });
  hear('samples', (run, said) => {
    run.samples.push(...said.lines);
    sentences();
  });
  hear('status', (run, said) => {
    const row = table.find(each => each.id === said.id);
    if (row) {
      if (row.training && !said.training) {
        at('runs-said').textContent = `${said.id} trains no more; it is saved.`;
      }
      Object.assign(row, said, { seconds_left: said.seconds_left });
      render();
    }
  });
  own.addEventListener('error', () => {
    if (own.readyState === EventSource.CLOSED) {
      setTimeout(() => source === own && follow(), AGAIN_MILLIS);
    }
  });
}

/** Fills the table; what is there already stays, with the focus and a press that is under way. */
function render() {
  at('no-runs').hidden = table.length > 0;
  at('runs-table').hidden = table.length === 0;
  const settings = [...new Set(table.flatMap(run => Object.keys(run.settings ?? {})))]
    .filter(name => name !== 'epochs');
  const body = at('runs-table').tBodies[0];
  const focused = document.activeElement?.dataset?.focus;
  if (columns !== settings.join()) {
    columns = settings.join();
    rows.clear();
    body.replaceChildren();
  }
  if (rows.size === 0) {
    const head = element('tr');
    for (const [name, right] of [['Run'], ['Now'], ...settings.map(name => [name.replaceAll('_', ' ')]),
      ['Epochs', 1], ['Loss', 1], ['Best', 1], ['Bits', 1], ['An epoch', 1], ['Device']]) {
      head.append(element('th', name, { scope: 'col', className: right ? 'number' : '' }));
    }
    at('runs-table').tHead.replaceChildren(head);
  }
  table.forEach((run, i) => {
    if (!rows.has(run.id)) {
      rows.set(run.id, row(run.id, settings));
    }
    fill(rows.get(run.id), run, settings);
    if (body.children[i] !== rows.get(run.id).line) {
      body.insertBefore(rows.get(run.id).line, body.children[i] ?? null);
    }
  });
  for (const [id, gone] of rows) {
    if (!table.some(run => run.id === id)) {
      gone.line.remove();
      rows.delete(id);
    }
  }
  if (focused && document.activeElement?.dataset?.focus !== focused) {
    document.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }
}

/** A row without its figures. */
function row(id, settings) {
  const line = element('tr');
  const name = element('th', '', { scope: 'row' });
  const label = element('label');
  const box = element('input', '', { type: 'checkbox' });
  box.dataset.focus = `choose ${id}`;
  box.addEventListener('change', () => choose(id, box.checked));
  const key = element('span');
  label.append(box, ' ', key, id);
  name.append(label);
  const cells = [...settings.map(() => ''), ...Array(5).fill('number'), ''].map(className =>
    element('td', '', { className }));
  const now = element('span');
  const stop = element('button', '', { type: 'button' });
  stop.dataset.focus = `stop ${id}`;
  stop.addEventListener('click', () => halt(id));
  const state = element('td');
  state.append(now, ' ', stop);
  line.append(name, state, ...cells);
  return { line, box, key, state, now, stop, cells };
}

function fill({ box, key, state, now, stop, cells }, run, settings) {
  box.checked = chosen.has(run.id);
  key.hidden = !chosen.has(run.id);
  key.className = `key s${chosen.get(run.id)?.key}`;
  [...settings.map(each => run.settings?.[each] ?? ''), run.epochs ? `${run.epoch} of ${run.epochs}` : `${run.epoch}`,
    number(run.val_loss ?? run.loss), run.best ? `${number(run.best.loss)} in ${run.best.epoch}` : '',
    number(run.val_bits_per_character ?? run.bits_per_character, 3), time(run.seconds_per_epoch), run.device ?? '',
  ].forEach((text, i) => change(cells[i], text));
  if (!run.training) {
    asked.delete(run.id);
  }
  change(now, !run.training ? '' : run.seconds_left === undefined ? 'training'
    : `training, ${time(run.seconds_left)} left`);
  state.className = run.training ? 'live' : '';
  stop.hidden = !run.training || !allowStop;
  stop.disabled = asked.has(run.id);
  change(stop, asked.has(run.id) ? 'Stopping' : 'Stop and save');
  stop.setAttribute('aria-label', `${stop.textContent} ${run.id}`);
}

async function halt(id) {
  asked.add(id);
  render();
  try {
    await ask(`/api/runs/${id}/stop`, {});
    complain(null, 'stop');
    at('runs-said').textContent = `${id} is asked to stop: it ends with its step, and saves.`;
  } catch (error) {
    asked.delete(id);
    complain(error, 'stop');
    render();
  }
}

function draw() {
  const names = FIGURES[at('figure').value];
  const series = [];
  for (const [id, run] of chosen) {
    names.forEach((name, i) => {
      const points = new Map([...run.metrics.values()].filter(line => line[name] !== undefined)
        .map(line => [line.epoch, line[name]]));
      if (points.size > 0) {
        series.push({ label: `${id} ${name.replaceAll('_', ' ')}`, key: run.key, dash: i > 0, points });
      }
    });
  }
  chart.draw(series);
  at('chart').dataset.points = String(Math.max(0, ...series.map(each => each.points.size)));
  change(at('chart-said'), series.length === 0 ? 'Choose runs in the table to see them here.'
    : series.map(each => `${each.label}: ${number([...each.points.values()].at(-1))} in epoch ${
      [...each.points.keys()].at(-1)}`).join('; '));
  at('figures').hidden = series.length === 0;
  if (at('figures').open) {
    tell(series);
  }
}

/** The chart's figures as a table, the last epoch first. */
function tell(series) {
  const head = element('tr');
  head.append(...['Epoch', ...series.map(each => each.label)].map(name =>
    element('th', name, { scope: 'col', className: 'number' })));
  at('figures-table').tHead.replaceChildren(head);
  const epochs = [...new Set(series.flatMap(each => [...each.points.keys()]))].sort((a, b) => b - a);
  at('figures-table').tBodies[0].replaceChildren(...epochs.slice(0, EPOCHS).map(epoch => {
    const line = element('tr');
    line.append(element('th', `${epoch}`, { scope: 'row', className: 'number' }), ...series.map(each =>
      element('td', number(each.points.get(epoch)), { className: 'number' })));
    return line;
  }));
}

/** Shows the latest sentences; those that were there stay, so that only new ones are read out. */
function sentences() {
  const all = [...chosen].flatMap(([id, run]) => run.samples.map(sample => ({ id, key: run.key, ...sample })));
  all.sort((a, b) => b.epoch - a.epoch);
  const wanted = new Map(all.slice(0, SENTENCES).map(sample => [JSON.stringify(sample), sample]));
  at('sentences').setAttribute('aria-live', table.some(run => run.training && chosen.has(run.id)) ? 'polite' : 'off');
  for (const [key, item] of written) {
    if (!wanted.has(key)) {
      item.remove();
      written.delete(key);
    }
  }
  let place = at('sentences').firstChild;
  for (const [key, sample] of wanted) {
    if (!written.has(key)) {
      written.set(key, sentence(sample));
    }
    const item = written.get(key);
    if (item === place) {
      place = place.nextSibling;
    } else {
      at('sentences').insertBefore(item, place);
    }
  }
}

function sentence(sample) {
  const item = element('li');
  const title = element('p', '', { className: 'note' });
  title.append(element('span', '', { className: `key s${sample.key}` }), `${sample.id}, epoch ${sample.epoch}`);
  item.append(title, ...sample.sentences.map(each => element('p', each)));
  return item;
}
