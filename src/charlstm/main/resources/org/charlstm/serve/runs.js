// Runs: the chosen ones in one live chart, and their sentences.
import { ask, at, change, complain, element, number } from '/main.js';
import { Chart } from '/chart.js';
import { color, numberOf } from '/color.js';
import { RunsTable } from '/table.js';
import { look, read, view } from '/view.js';

/** The most runs in the chart: as many as one connection follows. */
const MOST = 8;
const SENTENCES = 20;
/** The most rows of the table of the chart's figures. */
const EPOCHS = 200;
const PERIOD = 5000;
const AGAIN_MILLIS = 3000;
/** The figures that are drawn for each choice; the second one is dashed. */
const FIGURES = {
  loss: ['loss', 'val_loss'], bits_per_character: ['bits_per_character', 'val_bits_per_character'],
  seconds: ['seconds'], chars_per_second: ['chars_per_second'],
};

/** The figures in words, each of one kind. */
const WORDS = {
  loss: 'training loss', val_loss: 'validation loss', bits_per_character: 'training bits a character',
  val_bits_per_character: 'validation bits a character', seconds: 'seconds an epoch',
  chars_per_second: 'characters a second',
};

/**
 * The chosen runs by id: {key, metrics, progress, samples, told}. The key is the number of the colour, progress belongs
 * to the current epoch, and told says whether the server has answered.
 */
const chosen = new Map();
/** The one connection that follows them all: a browser opens no more than six to a server. */
let source;
let table = [];
/** Whether the runs were listed once. */
let listed = false;
let allowStop = false;
let leftOut = 0;
/** The runs that were asked to stop. */
const asked = new Set();
let shown;
let chart;
/** The sentences on the page, by run and epoch. */
const written = new Map();

export async function startRuns() {
  chart = new Chart(at('chart'));
  shown = new RunsTable(choose, halt);
  at('figure').addEventListener('change', () => again({ figure: at('figure').value }));
  at('log').addEventListener('change', () => again({ log: at('log').checked ? '1' : '' }));
  at('smooth').addEventListener('input', () => again({ smooth: at('smooth').value }, true));
  at('figures').addEventListener('toggle', draw);
  read();
  addEventListener('view', () => listed && restore());
  setInterval(() => document.hidden || refresh(), PERIOD);
  await refresh();
}

/** Lists the runs; says so where that fails, until it succeeds. */
async function refresh() {
  try {
    await list();
  } catch (error) {
    complain(new Error(`The runs cannot be listed: ${error.message}`), 'runs');
  }
  at('runs-loading').hidden = true;
}

function again(choice, typed) {
  look(choice, typed);
  draw();
}

/** Shows the runs in the address, or else the run that trains, or else the newest. */
function restore() {
  at('figure').value = Object.hasOwn(FIGURES, view.figure) ? view.figure : 'loss';
  at('log').checked = view.log === '1';
  at('smooth').value = view.smooth;
  const [newest] = [...table].sort((a, b) => (Date.parse(b.started) || 0) - (Date.parse(a.started) || 0));
  const wanted = view.runs?.split(',') ?? [(table.find(run => run.training) ?? newest)?.id];
  const before = [...chosen.keys()].join();
  const numbers = view.colors.split(',').map(number => number === '' ? undefined : Number(number));
  wanted.forEach((id, i) => table.some(run => run.id === id) && numberOf(id, numbers[i]));
  [...chosen.keys()].filter(id => !wanted.includes(id)).forEach(id => chosen.delete(id));
  wanted.filter(id => !chosen.has(id) && table.some(run => run.id === id)).slice(0, MOST - chosen.size).forEach(add);
  if (before !== [...chosen.keys()].join()) {
    follow();
  }
  renderAll();
}

function renderAll() {
  render();
  draw();
  sentences();
}

const render = () => shown.render({ runs: table, chosen, asked, allowStop, leftOut });

async function list() {
  const said = await (await ask('/api/runs')).json();
  table = said.runs;
  allowStop = said.allow_stop;
  leftOut = said.left_out;
  complain(null, 'runs');
  if (!listed) {
    listed = true;
    restore();
  }
  table.filter(run => !run.training).forEach(run => asked.delete(run.id));
  if (!table.some(run => run.training)) {
    complain(null, 'stop');
  }
  const gone = [...chosen.keys()].filter(id => !table.some(run => run.id === id));
  if (gone.length > 0) {
    gone.forEach(id => chosen.delete(id));
    follow();
    draw();
    sentences();
  }
  render();
}

function add(id) {
  chosen.set(id, { key: numberOf(id), metrics: new Map(), progress: [], samples: [], told: false });
}

function choose(id, on) {
  if (on && !chosen.has(id) && chosen.size === MOST) {
    complain(new Error(`${MOST} runs can be over each other; leave another out first`), 'choice');
  } else if (on !== chosen.has(id)) {
    if (on) {
      add(id);
    } else {
      chosen.delete(id);
    }
    complain(null, 'choice');
    const colors = [...chosen.values()].map(run => run.key);
    look({ runs: [...chosen.keys()].join(), colors: colors.every((key, i) => key === i) ? '' : colors.join() });
    follow();
  }
  renderAll();
}

/** Follows the chosen runs from their beginning. */
function follow() {
  source?.close();
  source = undefined;
  complain(null, 'events');
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
    run.progress = [];
    run.samples = [];
  });
  hear('metrics', (run, said) => {
    run.told = true;
    said.lines.forEach(line => run.metrics.set(line.epoch, line));
    run.progress = run.progress.filter(line => line.epoch > said.lines.at(-1).epoch);
    draw();
  });
  hear('progress', (run, said) => {
    for (const line of said.lines) {
      const last = run.progress.at(-1);
      // Another epoch, or the same from its beginning.
      if (last && (last.epoch !== line.epoch || last.step >= line.step)) {
        run.progress = [];
      }
      run.progress.push(line);
    }
    draw();
  });
  hear('samples', (run, said) => {
    run.samples.push(...said.lines);
    sentences();
  });
  hear('status', (run, said) => {
    if (!run.told) {
      run.told = true;
      draw();
    }
    const row = table.find(each => each.id === said.id);
    if (row) {
      if (row.training && !said.training) {
        at('runs-said').textContent = `${said.id} trains no more: ${said.state}.`;
        asked.delete(said.id);
        complain(null, 'stop');
      }
      Object.assign(row, said, { seconds_left: said.seconds_left, progress: said.progress });
      render();
    }
  });
  own.addEventListener('open', () => complain(null, 'events'));
  own.addEventListener('error', () => {
    if (source !== own) {
      return;
    }
    complain(new Error('The figures of the runs do not arrive; the page asks again.'), 'events');
    if (own.readyState === EventSource.CLOSED) {
      setTimeout(() => source === own && follow(), AGAIN_MILLIS);
    }
  });
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

/** A figure by epoch. The current epoch counts from the one before it, and has points at parts of an epoch. */
function points(run, name) {
  const whole = new Map([...run.metrics.values()].map(line => [line.epoch, line[name]]));
  const parts = new Map(run.progress.map(line => [line.epoch - 1 + line.step / line.steps, line[name]]));
  return [whole, parts].map(all => new Map([...all].filter(([epoch, value]) => Number.isFinite(epoch)
    && value !== undefined)));
}

function draw() {
  const names = FIGURES[at('figure').value];
  const series = [];
  for (const [id, run] of chosen) {
    names.forEach((name, i) => {
      const [whole, parts] = points(run, name);
      if (whole.size + parts.size > 0) {
        series.push({ label: `${id} ${WORDS[name]}`, color: color(run.key), dash: i > 0, whole, parts });
      }
    });
  }
  const smooth = Number(at('smooth').value);
  change(at('smooth-said'), smooth.toFixed(2));
  chart.draw(series, { smooth, log: at('log').checked, name: at('figure').selectedOptions[0].textContent });
  at('chart').dataset.points = String(Math.max(0, ...series.map(each => each.whole.size)));
  at('chart').dataset.parts = String(Math.max(0, ...series.map(each => each.parts.size)));
  const waiting = [...chosen].filter(([, run]) => !run.told).map(([id]) => id);
  change(at('chart-said'), chosen.size === 0 ? 'Choose runs in the table to see them here.'
    : [...waiting.length > 0 ? [`Loading the figures of ${waiting.join(', ')}`] : [], ...series.map(latest)].join('; ')
      || 'There is nothing of this yet in the chosen runs.');
  at('figures').hidden = !series.some(each => each.whole.size > 0);
  if (at('figures').open) {
    tell(series);
  }
}

function latest({ label, whole, parts }) {
  const [epoch, value] = [...(parts.size > 0 ? parts : whole)].at(-1);
  return `${label}: ${number(value)} ${parts.size > 0 ? `so far in epoch ${Math.ceil(epoch)}` : `in epoch ${epoch}`}`;
}

/** The chart's figures as a table, the last epoch first. */
function tell(series) {
  const head = element('tr');
  head.append(...['Epoch', ...series.map(each => each.label)].map(name =>
    element('th', name, { scope: 'col', className: 'number' })));
  at('figures-table').tHead.replaceChildren(head);
  const epochs = [...new Set(series.flatMap(each => [...each.whole.keys()]))].sort((a, b) => b - a);
  at('figures-table').tBodies[0].replaceChildren(...epochs.slice(0, EPOCHS).map(epoch => {
    const line = element('tr');
    line.append(element('th', `${epoch}`, { scope: 'row', className: 'number' }), ...series.map(each =>
      element('td', number(each.whole.get(epoch)), { className: 'number' })));
    return line;
  }));
}

/** Shows the latest sentences; those on the page stay, so that a screen reader reads only new ones. */
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
  const key = element('span', '', { className: 'key' });
  key.style.background = color(sample.key);
  title.append(key, `${sample.id}, epoch ${sample.epoch}`);
  item.append(title, ...sample.sentences.map(each => element('p', each)));
  return item;
}
