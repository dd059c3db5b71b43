// Play: a model writes, character by character; what each could have been; and its hidden units.
import { ask, at, complain, element } from '/main.js';

/** Pixels of the heat map: a column, a row, and what is above them. */
const CELL = 10;
const ROW = 5;
const TOP = 20;
const DARK = matchMedia('(prefers-color-scheme: dark)');
/** The upper bounds of shades. */
const SHADES = [0.02, 0.1, 0.35, 0.75];
const SIGNS = { '<start>': '⊢', '<end>': '⊣' };

let models = [];
/** The characters that are shown: {char, probability, top, given, span}. */
let shown = [];
let current = -1;
let writing;
/** The hidden units that are shown, as the server told them. */
let heat;
/** What goes on from text to text. */
let state = '';
let sentence = 0;

export async function startPlay() {
  models = (await (await ask('/api/models')).json()).models;
  at('model').replaceChildren(...models.map(model => element('option', model.error ? `${model.id} (${model.error})`
    : model.id, { value: model.id, disabled: !!model.error })));
  at('model').addEventListener('change', chosen);
  at('play-form').addEventListener('submit', event => {
    event.preventDefault();
    write();
  });
  at('stop-writing').addEventListener('click', () => writing?.abort());
  at('reset').addEventListener('click', reset);
  at('show-units').addEventListener('click', () => units().catch(complain));
  DARK.addEventListener('change', paint);
  at('text').addEventListener('keydown', walk);
  at('text').addEventListener('focus', () => current < 0 && shown.length > 0 && select(0));
  at('text').addEventListener('pointerover', event => {
    const place = shown.findIndex(each => each.span === event.target);
    if (place >= 0) {
      select(place);
    }
  });
  chosen();
}

const model = () => models.find(each => each.id === at('model').value);

function chosen() {
  const own = model();
  at('write').disabled = !own;
  at('keep-state').disabled = !!own?.window;
  at('layer').replaceChildren(...(own?.units ?? []).map((units, i) =>
    element('option', `${i + 1}, ${units} units`, { value: i + 1 })));
  at('show-units').disabled = !own || !!own.window;
  reset();
}

function reset() {
  state = '';
  sentence = 0;
  shown = [];
  current = -1;
  at('text').replaceChildren();
  at('next').replaceChildren();
  at('text').removeAttribute('aria-activedescendant');
  at('play-status').textContent = '';
}

function request() {
  const number = id => Number(at(id).value);
  const asked = {
    model: at('model').value, prime: at('prime').value, temperature: number('temperature'), top_p: number('top-p'),
    seed: number('seed'), max_length: number('length'), past_end: at('past-end').checked, top: 10, sentence,
    keep_state: at('keep-state').checked && !model().window,
  };
  if (at('top-k').value) {
    asked.top_k = number('top-k');
  }
  if (asked.keep_state && state) {
    asked.state = state;
  }
  return asked;
}

async function write() {
  writing?.abort();
  const own = new AbortController();
  writing = own;
  complain(null);
  const asked = request();
  if (asked.state) {
    at('text').append(element('hr'));
  } else {
    reset();
    asked.sentence = 0;
  }
  at('stop-writing').disabled = false;
  at('play-status').textContent = 'Writing';
  try {
    const response = await ask('/api/sample', asked, own.signal);
    let rest = '';
    const decoder = new TextDecoder();
    for (let reader = response.body.getReader(), part = await reader.read(); !part.done; part = await reader.read()) {
      const lines = (rest + decoder.decode(part.value, { stream: true })).split('\n');
      rest = lines.pop();
      lines.forEach(line => take(JSON.parse(line)));
    }
  } catch (error) {
    if (error.name !== 'AbortError') {
      complain(error);
    }
    at('play-status').textContent = 'Stopped.';
  } finally {
    if (writing === own) {
      at('stop-writing').disabled = true;
      writing = undefined;
    }
  }
}

function take(line) {
  if (line.error) {
    throw new Error(line.error);
  } else if (line.waiting) {
    at('play-status').textContent = 'Waiting for a turn';
  } else if (line.end) {
    state = line.state ?? '';
    sentence = state ? sentence + 1 : 0;
    at('play-status').textContent = `${line.characters} characters, ${line.end === 'end' ? 'to the end symbol'
      : 'as many as it may have'}${state ? '; the state is carried on' : ''}.`;
  } else {
    const sign = SIGNS[line.char];
    const span = element('span', sign ?? line.char, { role: 'option', id: `c${shown.length}`,
      className: `fresh${line.given ? ' given' : ''}${sign ? ' sign' : ''}` });
    if (line.probability !== null) {
      const shade = SHADES.findIndex(bound => line.probability < bound);
      span.classList.add(`p${shade < 0 ? SHADES.length : shade}`);
    }
    span.setAttribute('aria-label', said(line));
    shown.push({ ...line, span });
    at('text').append(span);
  }
}

const name = char => char === ' ' ? 'space' : char === '\n' ? 'line feed' : char === '<end>' ? 'the end'
  : char === '<start>' ? 'the start' : char;
const percent = probability => `${(100 * probability).toFixed(probability < 0.1 ? 2 : 1)} %`;
const said = line => line.probability === null ? name(line.char) : `${name(line.char)}, ${percent(line.probability)}`;

function select(place) {
  shown[current]?.span.classList.remove('at');
  shown[current]?.span.removeAttribute('aria-selected');
  current = place;
  const line = shown[place];
  line.span.classList.add('at');
  line.span.setAttribute('aria-selected', 'true');
  at('text').setAttribute('aria-activedescendant', line.span.id);
  const table = element('table');
  table.append(element('caption', `In the place of ${said(line)}`));
  for (const each of line.top ?? []) {
    const row = element('tr');
    const meter = element('meter', '', { min: 0, max: 1, value: each.probability });
    meter.setAttribute('aria-hidden', 'true');
    const bar = element('td');
    bar.append(meter);
    row.append(element('td', name(each.char)), bar, element('td', percent(each.probability), { className: 'number' }));
    table.append(row);
  }
  at('next').replaceChildren(table);
}

function walk(event) {
  const to = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: shown.length - 1 }[event.key];
  if (to !== undefined && shown.length > 0) {
    event.preventDefault();
    select(Math.max(0, Math.min(shown.length - 1, to)));
  }
}

async function units() {
  complain(null);
  const text = shown.map(each => each.char).filter(char => !SIGNS[char]).join('');
  if (!text) {
    at('units-said').textContent = 'Write a text first.';
    return;
  }
  heat = await (await ask('/api/hidden', { model: at('model').value, text, layer: Number(at('layer').value) })).json();
  paint();
  const said = heat;
  at('units').onpointermove = event => {
    const t = Math.floor(event.offsetX / CELL);
    const unit = Math.floor((event.offsetY - TOP) / ROW);
    if (unit >= 0 && unit < said.units && t < said.characters.length) {
      at('units-said').textContent = `Unit ${unit + 1} after ${name(said.characters[t])}: ${
        said.values[t][unit].toFixed(3)}`;
    }
  };
  at('units').setAttribute('aria-label', `Heat map: ${said.units} units of layer ${said.layer} over ${
    said.characters.length} characters, -1 blue to 1 orange`);
  at('units-said').textContent = `${said.units} units, a row each; a column a character; blue is -1, orange 1.`;
}

/** Draws the heat map in the page's colours. */
function paint() {
  if (!heat) {
    return;
  }
  const canvas = at('units');
  canvas.width = heat.characters.length * CELL;
  canvas.height = heat.units * ROW + TOP;
  const context = canvas.getContext('2d');
  const dark = DARK.matches;
  context.font = `${CELL + 2}px monospace`;
  heat.characters.forEach((char, t) => {
    context.fillStyle = getComputedStyle(document.body).color;
    context.fillText(char, t * CELL + 1, CELL + 3);
    heat.values[t].forEach((value, unit) => {
      // Blue below zero, orange above it, the page's own colour between.
      const strength = Math.round(50 * Math.abs(value));
      context.fillStyle = `hsl(${value < 0 ? 212 : 25} 80% ${dark ? 10 + strength : 98 - strength}%)`;
      context.fillRect(t * CELL, TOP + unit * ROW, CELL, ROW);
    });
  });
}
