// One chart of a figure of several runs over their epochs, by uPlot.
import uPlot from '/uplot.js';

const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Resolves light-dark() of a custom property, which a canvas does not know. */
function resolved(name) {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value || color(name);
}

/** Steps between the epochs that are named. */
const WHOLE = [...Array(9).keys()].flatMap(power => [1, 2, 5].map(digit => digit * 10 ** power));

export class Chart {
  constructor(place) {
    this.place = place;
    this.shape = '';
    addEventListener('resize', () => this.plot?.setSize(this.size()));
    addEventListener('repaint', () => {
      this.shape = '';
      this.draw(this.last ?? []);
    });
  }

  size() {
    return { width: Math.max(200, this.place.clientWidth), height: Math.min(360, 160 + this.place.clientWidth / 4) };
  }

  /** Draws series: {label, key, dash, points: Map of epoch to value}. */
  draw(series) {
    this.last = series;
    const epochs = [...new Set(series.flatMap(each => [...each.points.keys()]))].sort((a, b) => a - b);
    const data = [epochs, ...series.map(each => epochs.map(epoch => each.points.get(epoch) ?? null))];
    const shape = JSON.stringify(series.map(each => [each.label, each.key, each.dash]));
    if (this.plot && shape === this.shape) {
      this.plot.setData(data);
      return;
    }
    this.plot?.destroy();
    this.plot = undefined;
    this.shape = shape;
    if (series.length === 0) {
      return;
    }
    const ink = resolved('--soft');
    const axis = { stroke: ink, grid: { stroke: resolved('--line'), width: 1 }, ticks: { stroke: resolved('--line') } };
    this.plot = new uPlot({
      ...this.size(), scales: { x: { time: false } }, axes: [{ ...axis, incrs: WHOLE }, { ...axis, size: 60 }],
      series: [{ label: 'epoch' }, ...series.map(each => ({
        label: each.label, stroke: resolved(`--s${each.key}`), width: 2, dash: each.dash ? [6, 4] : [], spanGaps: true,
        points: { show: epochs.length < 40, fill: resolved('--page') },
      }))],
    }, data, this.place);
    // What it shows is said beneath it, and there as a table.
    this.plot.root.setAttribute('aria-hidden', 'true');
  }
}
