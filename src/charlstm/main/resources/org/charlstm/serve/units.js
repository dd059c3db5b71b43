// A heat map of hidden units over a text: a row for each unit, a column for each character.

/** Pixels: the widest column, the height of a row, and the margin above them. */
const CELL = 10;
const ROW = 5;
const TOP = 20;
/** The widest canvas that every browser draws. */
const WIDEST = 30000;
const DARK = matchMedia('(prefers-color-scheme: dark)');

export class Units {
  /** Draws on a canvas; another element and a tip describe the cell pointed at, with the names of characters. */
  constructor(canvas, told, tip, name, shade) {
    Object.assign(this, { canvas, told, tip, name });
    this.legend = document.querySelector('#units-legend');
    canvas.addEventListener('pointermove', event => this.point(event));
    canvas.addEventListener('pointerdown', event => this.point(event));
    canvas.addEventListener('click', () => this.at && shade(this.at[1]));
    canvas.addEventListener('keydown', event => this.walk(event, shade));
    canvas.addEventListener('pointerleave', () => this.tip.hidden = true);
    canvas.addEventListener('blur', () => this.tip.hidden = true);
    // When the page scrolls, the focused cell moves with it and the pointer does not.
    addEventListener('scroll', () => this.tip.hidden || this.place(), true);
    addEventListener('repaint', () => this.paint());
  }

  clear() {
    this.map = undefined;
    this.canvas.hidden = true;
    this.legend.hidden = true;
    this.tip.hidden = true;
    this.told.textContent = '';
  }

  /** Shows the server's answer. */
  show(map) {
    this.map = map;
    this.cell = Math.max(1, Math.min(CELL, Math.floor(WIDEST / map.characters.length)));
    this.at = undefined;
    this.canvas.hidden = false;
    this.legend.hidden = false;
    this.canvas.setAttribute('aria-label', `Heat map: ${map.units} units of layer ${map.layer} over ${
      map.characters.length} characters; arrow keys go through it`);
    this.told.textContent = `${map.units} units. A click, or Enter, shades the text by one.`;
    this.paint();
  }

  point(event) {
    if (this.map) {
      // On paper and on a phone the canvas may be shown smaller than it is.
      const scale = this.canvas.width / this.canvas.clientWidth;
      this.go(Math.floor(event.offsetX * scale / this.cell), Math.floor((event.offsetY * scale - TOP) / ROW));
      this.place(event);
    }
  }

  walk(event, shade) {
    if (this.at && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      shade(this.at[1]);
    }
    const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    if (step && this.map) {
      event.preventDefault();
      const [t, unit] = this.at ?? [-step[0], -step[1]];
      this.go(Math.max(0, Math.min(this.map.characters.length - 1, t + step[0])),
        Math.max(0, Math.min(this.map.units - 1, unit + step[1])));
      const place = this.canvas.parentElement;
      const x = this.at[0] * this.cell;
      place.scrollLeft = Math.min(x, Math.max(place.scrollLeft, x + this.cell - place.clientWidth));
      this.place();
    }
  }

  /** Shows the tip at the pointer, or at the cell that was reached by keys. */
  place(pointer) {
    const box = this.canvas.getBoundingClientRect();
    const scale = box.width / this.canvas.width;
    const x = pointer?.clientX ?? box.left + (this.at[0] + 1) * this.cell * scale;
    const y = pointer?.clientY ?? box.top + (TOP + (this.at[1] + 1) * ROW) * scale;
    this.tip.textContent = this.told.textContent;
    this.tip.hidden = !this.at;
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    this.tip.style.left = `${Math.max(0, Math.min(x + 12, innerWidth - width - 20))}px`;
    this.tip.style.top = `${y + 16 + height < innerHeight ? y + 16 : y - height - 12}px`;
  }

  go(t, unit) {
    if (unit >= 0 && unit < this.map.units && t >= 0 && t < this.map.characters.length) {
      if (this.at) {
        this.fill(...this.at);
      }
      this.at = [t, unit];
      this.mark();
      this.told.textContent = `Unit ${unit + 1} after character ${t + 1}, ${this.name(this.map.characters[t])}: ${
        this.map.values[t][unit].toFixed(3)}`;
    }
  }

  paint() {
    const { canvas, map, cell } = this;
    if (!map) {
      return;
    }
    canvas.width = map.characters.length * cell;
    canvas.height = map.units * ROW + TOP;
    const context = canvas.getContext('2d');
    context.font = `${cell + 2}px monospace`;
    context.fillStyle = getComputedStyle(document.body).color;
    map.characters.forEach((char, t) => context.fillText(char, t * cell + 1, CELL + 3));
    map.values.forEach((row, t) => row.forEach((_, unit) => this.fill(t, unit)));
    if (this.at) {
      this.mark();
    }
  }

  /** Draws a cell: blue below zero, orange above it, the page's own colour between. */
  fill(t, unit) {
    const value = this.map.values[t][unit];
    const dark = DARK.matches && !document.documentElement.classList.contains('paper');
    const strength = Math.round(50 * Math.min(1, Math.abs(value)));
    const context = this.canvas.getContext('2d');
    context.fillStyle = `hsl(${value < 0 ? 212 : 25} 80% ${dark ? 10 + strength : 98 - strength}%)`;
    context.fillRect(t * this.cell, TOP + unit * ROW, this.cell, ROW);
  }

  /** Draws a frame around the cell pointed at. */
  mark() {
    const context = this.canvas.getContext('2d');
    context.strokeStyle = getComputedStyle(document.body).color;
    context.strokeRect(this.at[0] * this.cell + 0.5, TOP + this.at[1] * ROW + 0.5, this.cell - 1, ROW - 1);
  }
}
