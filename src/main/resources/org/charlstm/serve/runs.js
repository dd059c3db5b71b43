// Runs: the table, the chosen ones in one chart, live, and their sentences.
import { ask, at, complain, element, number, time } from '/main.js';
import { Chart } from '/chart.js';

const COLORS = 6;
const MOST = 4;
const SENTENCES = 20;
const PERIOD = 5000;
const AGAIN_MILLIS = 3000;
/** What is drawn for each choice; a second one is dashed. */
const FIGURES = {
  loss: ['loss', 'val_loss'], bits_per_character: ['bits_per_character', 'val_bits_per_character'],
  seconds: ['seconds'],
};

/** The chosen runs by id: {key, source, metrics, samples}. */
const chosen = new Map();
let table = [];
let allowStop = false;
let chart;

export async function startRuns() {
  chart = new Chart(at('chart'));
  at('figure').addEventListener('change', draw);
  await list();
  const first = table.find(run => run.training) ?? table.at(-1);
  if (first) {
    choose(first.id, true);
  }
  setInterval(() => document.hidden || list().catch(complain), PERIOD);
}

async function list() {
  const said = await (await ask('/api/runs')).json();
  table = said.runs;
  allowStop = said.allow_stop;
  [...chosen.keys()].filter(id => !table.some(run => run.id === id)).forEach(id => choose(id, false));
  complain(null);
  render();
}

function choose(id, on) {
  if (on && !chosen.has(id) && chosen.size === MOST) {
    // A browser has six connections for a server, and each run that is followed takes one.
    complain(new Error(`${MOST} runs can be over each other; leave another out first`));
    render();
  } else if (on && !chosen.has(id)) {
    const used = new Set([...chosen.values()].map(each => each.key));
    const key = [...Array(COLORS).keys()].find(each => !used.has(each)) ?? chosen.size % COLORS;
    const run = { key, metrics: new Map(), samples: [], source: new EventSource(`/api/runs/${id}/events`) };
    const lines = event => JSON.parse(event.data).lines;
    run.source.addEventListener('reset', () => {
      run.metrics.clear();
      run.samples = [];
    });
    run.source.addEventListener('metrics', event => {
      lines(event).forEach(line => run.metrics.set(line.epoch, line));
      draw();
    });
    run.source.addEventListener('samples', event => {
      run.samples.push(...lines(event));
      sentences();
    });
    run.source.addEventListener('status', event => {
      const status = JSON.parse(event.data);
      const row = table.find(each => each.id === id);
      if (row) {
        Object.assign(row, status, { seconds_left: status.seconds_left });
        render();
      }
    });
    run.source.addEventListener('error', () => {
      if (run.source.readyState === EventSource.CLOSED && chosen.get(id) === run) {
        setTimeout(() => {
          if (chosen.get(id) === run) {
            choose(id, false);
            choose(id, true);
          }
        }, AGAIN_MILLIS);
      }
    });
    chosen.set(id, run);
  } else if (!on) {
    chosen.get(id)?.source.close();
    chosen.delete(id);
  }
  render();
  draw();
  sentences();
}

/** Fills the table without taking the focus from what somebody is at. */
function render() {
  at('no-runs').hidden = table.length > 0;
  at('runs-table').hidden = table.length === 0;
  const settings = [...new Set(table.flatMap(run => Object.keys(run.settings ?? {})))]
    .filter(name => name !== 'epochs');
  const focused = document.activeElement?.dataset?.focus;
  const head = element('tr');
  for (const [name, right] of [['Run'], ...settings.map(name => [name.replaceAll('_', ' ')]), ['Epochs', 1],
    ['Loss', 1], ['Best', 1], ['Bits', 1], ['An epoch', 1], ['Device'], ['Now']]) {
    head.append(element('th', name, { scope: 'col', className: right ? 'number' : '' }));
  }
  at('runs-table').tHead.replaceChildren(head);
  at('runs-table').tBodies[0].replaceChildren(...table.map(run => row(run, settings)));
  if (focused) {
    document.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }
}

function row(run, settings) {
  const line = element('tr');
  const name = element('th', '', { scope: 'row' });
  const label = element('label');
  const box = element('input', '', { type: 'checkbox', checked: chosen.has(run.id) });
  box.dataset.focus = `choose ${run.id}`;
  box.addEventListener('change', () => choose(run.id, box.checked));
  label.append(box, ' ');
  if (chosen.has(run.id)) {
    label.append(element('span', '', { className: `key s${chosen.get(run.id).key}` }));
  }
  label.append(run.id);
  name.append(label);
  line.append(name, ...settings.map(each => element('td', run.settings?.[each] ?? '')));
  const figure = text => line.append(element('td', text, { className: 'number' }));
  figure(run.epochs ? `${run.epoch} of ${run.epochs}` : `${run.epoch}`);
  figure(number(run.val_loss ?? run.loss));
  figure(run.best ? `${number(run.best.loss)} in ${run.best.epoch}` : '');
  figure(number(run.val_bits_per_character ?? run.bits_per_character, 3));
  figure(time(run.seconds_per_epoch));
  line.append(element('td', run.device ?? ''));
  const now = element('td', run.training ? `training${run.seconds_left === undefined ? ''
    : `, ${time(run.seconds_left)} left`} ` : '', { className: run.training ? 'live' : '' });
  if (run.training && allowStop) {
    const stop = element('button', run.asked ? 'Stopping' : 'Stop and save', { disabled: !!run.asked });
    stop.dataset.focus = `stop ${run.id}`;
    stop.setAttribute('aria-label', `Stop and save ${run.id}`);
    stop.addEventListener('click', () => {
      run.asked = true;
      ask(`/api/runs/${run.id}/stop`, {}).catch(complain);
      render();
    });
    now.append(stop);
  }
  line.append(now);
  return line;
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
  at('chart-said').textContent = series.length === 0 ? 'Choose runs in the table to see them here.'
    : series.map(each => `${each.label}: ${number([...each.points.values()].at(-1))} in epoch ${
      [...each.points.keys()].at(-1)}`).join('; ');
}

function sentences() {
  const all = [...chosen].flatMap(([id, run]) => run.samples.map(sample => ({ id, key: run.key, ...sample })));
  all.sort((a, b) => b.epoch - a.epoch);
  at('sentences').replaceChildren(...all.slice(0, SENTENCES).map(sample => {
    const item = element('li');
    const title = element('p', '', { className: 'note' });
    title.append(element('span', '', { className: `key s${sample.key}` }), `${sample.id}, epoch ${sample.epoch}`);
    item.append(title, ...sample.sentences.map(sentence => element('p', sentence)));
    return item;
  }));
}
