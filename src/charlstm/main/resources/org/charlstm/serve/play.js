// Play: a model writes a text character by character, with the probabilities of other characters.
import { ask, at, change, complain, element } from '/main.js';
import { Units } from '/units.js';

/** The upper bounds of the probabilities of each shade. */
const SHADES = [0.02, 0.1, 0.35, 0.75];
const SIGNS = { '<start>': '⊢', '<end>': '⊣' };
const GONE = 410;
const PERIOD = 5000;

let models = [];
/** The characters that are shown: {char, probability, top, given, span}. */
let shown = [];
let current = -1;
let writing;
let units;
/** The unit that the text is shaded by, from 0, or -1; and how many heat maps were requested. */
let shadedBy = -1;
let maps = 0;
/** The state that is carried from text to text. */
let state = '';
let sentence = 0;

export async function startPlay() {
  units = new Units(at('units'), at('units-said'), at('units-tip'), name, unit => shade(unit === shadedBy ? -1 : unit));
  at('unshade').addEventListener('click', () => shade(-1));
  at('layer').addEventListener('change', () => units.map && showUnits().catch(error => complain(error, 'units')));
  at('play-form').addEventListener('input', () => ['play', 'units'].forEach(by => complain(null, by)));
  at('model').addEventListener('change', chosen);
  at('keep-state').addEventListener('change', tellState);
  at('play-form').addEventListener('submit', event => {
    event.preventDefault();
    write().catch(error => complain(error, 'play'));
  });
  at('prime').addEventListener('keydown', event => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      at('play-form').requestSubmit();
    }
  });
  at('stop-writing').addEventListener('click', () => writing?.abort());
  at('reset').addEventListener('click', () => {
    writing?.abort();
    reset();
  });
  at('show-units').addEventListener('click', () => showUnits().catch(error => complain(error, 'units')));
  at('text').addEventListener('keydown', walk);
  at('text').addEventListener('focus', () => current < 0 && shown.length > 0 && select(0));
  for (const event of ['pointerover', 'pointerdown']) {
    at('text').addEventListener(event, pointed => {
      const place = shown.findIndex(each => each.span === pointed.target);
      if (place >= 0) {
        select(place);
      }
    });
  }
  // A run that has begun since then has a model too.
  const again = () => location.hash === '#play' && !document.hidden && document.activeElement !== at('model')
    && list().catch(error => complain(error, 'models'));
  addEventListener('hashchange', again);
  setInterval(again, PERIOD);
  await list().catch(error => {
    change(at('play-status'), '');
    complain(error, 'models');
  });
}

const model = () => models.find(each => each.id === at('model').value);

/** Lists the models; the chosen one stays chosen unless its file holds another model now. */
async function list() {
  const now = (await (await ask('/api/models')).json()).models;
  // Read after the answer came: the user may have chosen meanwhile.
  const before = model();
  complain(null, 'models');
  if (JSON.stringify(now) === JSON.stringify(models) && before) {
    return;
  }
  models = now;
  at('model').replaceChildren(...models.map(each => element('option', each.error ? `${each.id} (${each.error})`
    : each.id, { value: each.id, disabled: !!each.error })));
  if (before && models.some(each => each.id === before.id)) {
    at('model').value = before.id;
  }
  if (!before || JSON.stringify(before) !== JSON.stringify(model())) {
    chosen();
  }
}

function chosen() {
  const own = model();
  at('write').disabled = !own;
  at('keep-state').disabled = !own || !carries(own);
  at('layer').replaceChildren(...(own?.units ?? []).map((count, i) =>
    element('option', `${i + 1}, ${count} units`, { value: i + 1 })));
  at('show-units').disabled = !own || !!own.window;
  at('features-field').hidden = !own?.features;
  at('features-said').textContent = own?.features ? `${own.features} numbers that the text is about` : '';
  ['play', 'units'].forEach(by => complain(null, by));
  writing?.abort();
  reset();
}

const carries = own => !own.window && !own.features;

function reset() {
  state = '';
  sentence = 0;
  shown = [];
  current = -1;
  at('text').replaceChildren();
  at('next').replaceChildren(element('p', 'Point at a character, or go through the text with the arrow keys: here is '
    + 'what else could have been in its place.', { className: 'note' }));
  at('text').removeAttribute('aria-activedescendant');
  change(at('play-status'), '');
  change(at('text-said'), '');
  maps++;
  units.clear();
  shade(-1);
  tellState();
}

/** Says what the next text begins from. */
function tellState() {
  const own = model();
  const kept = own && carries(own) && at('keep-state').checked;
  change(at('state-said'), !own ? 'There is no model here.'
    : own.window ? `State: none; each character is predicted from the ${own.window} before it.`
      : own.features ? 'State: each text begins from its features.'
        : !kept ? 'State: each text begins from zeros.'
          : !state ? 'State: the next text begins from zeros.'
            : `State: carried; the next text goes on from text ${sentence}.`);
  at('state-said').classList.toggle('carried', !!(kept && state));
}

const number = id => Number(at(id).value);

/** The features as they were typed or pasted. */
const features = () => at('features').value.split(/[\s,;[\]]+/).filter(word => word).map(Number);

function request() {
  const own = model();
  const asked = {
    model: own.id, prime: at('prime').value, temperature: number('temperature'), top_p: number('top-p'),
    seed: number('seed'), max_length: number('length'), stop: at('stop-at').value, past_end: at('past-end').checked,
    top: 10, sentence, keep_state: at('keep-state').checked && carries(own),
  };
  if (at('top-k').value) {
    asked.top_k = number('top-k');
  }
  if (own.features) {
    asked.features = features();
  }
  if (asked.keep_state && state) {
    asked.state = state;
  }
  return asked;
}

async function write(note = '') {
  writing?.abort();
  const own = new AbortController();
  writing = own;
  complain(null, 'play');
  const asked = request();
  if (model().needs_prime && !asked.prime && !asked.state) {
    at('prime').focus();
    throw new Error('This model has no start symbol: say in "Begins with" what its text goes on from.');
  }
  if (asked.state) {
    at('text').append(element('hr', '', { role: 'presentation' }));
  } else {
    reset();
    asked.sentence = 0;
  }
  const before = shown.length;
  at('stop-writing').disabled = false;
  change(at('play-status'), `${note}Writing`);
  try {
    const response = await ask('/api/sample', asked, own.signal);
    let rest = '';
    let ended = false;
    const decoder = new TextDecoder();
    for (let reader = response.body.getReader(), part = await reader.read(); !part.done; part = await reader.read()) {
      const lines = (rest + decoder.decode(part.value, { stream: true })).split('\n');
      rest = lines.pop();
      for (const line of lines.map(each => JSON.parse(each))) {
        take(line, note);
        ended ||= !!line.end;
      }
    }
    if (!ended) {
      throw new Error('The text broke off: the server ended its answer before the text was over.');
    }
    change(at('text-said'), shown.slice(before).map(each => SIGNS[each.char] ? '' : each.char).join(''));
  } catch (error) {
    if (error.status === GONE && asked.state) {
      writing = undefined;
      state = '';
      await write('The state was not kept, or the model has changed since: this text begins from zeros. ');
      return;
    }
    if (writing === own) {
      change(at('play-status'), error.name === 'AbortError' ? 'Stopped.' : '');
    }
    if (error.name !== 'AbortError') {
      // The server's messages name fields as programs do.
      complain(error.message.replace('the prime', '"Begins with"').replace('max_length', '"At most"'), 'play');
    }
  } finally {
    if (writing === own) {
      at('stop-writing').disabled = true;
      writing = undefined;
    }
  }
}

const ENDS = { end: 'to the end symbol', stop: 'to the text before which it ends', length: 'as many as it may have' };

function take(line, note) {
  if (line.error) {
    throw new Error(line.error);
  } else if (line.waiting) {
    change(at('play-status'), `${note}Waiting for a turn`);
  } else if (line.end) {
    state = line.state ?? '';
    sentence = state ? sentence + 1 : 0;
    change(at('play-status'), `${note}${line.characters} characters, ${ENDS[line.end]}.`);
    tellState();
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

function name(char) {
  return { ' ': 'space', '\n': 'line feed', '<end>': 'the end', '<start>': 'the start' }[char] ?? char;
}

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
  const body = element('tbody');
  for (const each of line.top ?? []) {
    const row = element('tr', '', { className: each.char === line.char ? 'own' : '' });
    const meter = element('meter', '', { min: 0, max: 1, value: each.probability });
    meter.setAttribute('aria-hidden', 'true');
    const bar = element('td');
    bar.append(meter);
    row.append(element('th', name(each.char), { scope: 'row' }),
      element('td', percent(each.probability), { className: 'number' }), bar);
    body.append(row);
  }
  table.append(body);
  at('next').replaceChildren(table);
}

function walk(event) {
  const to = { ArrowRight: current + 1, ArrowDown: current + 1, ArrowLeft: current - 1, ArrowUp: current - 1, Home: 0,
    End: shown.length - 1 }[event.key];
  if (to !== undefined && shown.length > 0) {
    event.preventDefault();
    select(Math.max(0, Math.min(shown.length - 1, to)));
    shown[current].span.scrollIntoView({ block: 'nearest' });
  }
}

async function showUnits() {
  complain(null, 'units');
  const text = shown.map(each => each.char).filter(char => !SIGNS[char]).join('');
  if (!text) {
    change(at('units-said'), 'Write a text first.');
    return;
  }
  const asked = { model: at('model').value, text, layer: number('layer') };
  if (model().features) {
    asked.features = features();
  }
  const own = ++maps;
  change(at('units-said'), 'Computing the units.');
  const map = await (await ask('/api/hidden', asked).catch(error => {
    change(at('units-said'), '');
    throw error;
  })).json();
  // The model or the text may have changed meanwhile.
  if (own === maps) {
    units.show(map);
    shade(-1);
  }
}

/** Shades the text by a unit's output after each character, or by probability where the unit is -1. */
function shade(unit) {
  shadedBy = unit;
  at('text').classList.toggle('by-unit', unit >= 0);
  at('by-unit').hidden = unit < 0;
  at('by-probability').hidden = unit >= 0;
  change(at('unit-name'), `unit ${unit + 1} of layer ${units.map?.layer}`);
  shown.filter(each => !SIGNS[each.char]).forEach(({ span }, t) => {
    const value = units.map?.values[t]?.[unit] ?? 0;
    span.classList.toggle('warm', value > 0);
    span.classList.toggle('cold', value < 0);
    span.style.setProperty('--strength', String(Math.abs(value)));
  });
}
