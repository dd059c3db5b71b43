// A chart of one figure of several runs over their epochs, drawn by uPlot.
import uPlot from '/uplot.js';

/** Resolves light-dark() and custom properties in a colour: a canvas does not understand them. */
function resolved(color) {
  const probe = document.createElement('span');
  probe.style.color = color;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** Possible steps between labelled epochs. */
const WHOLE = [...Array(9).keys()].flatMap(power => [1, 2, 5].map(digit => digit * 10 ** power));
const DECADE = 10;

/** Values smoothed exponentially and corrected for the first ones, as in TensorBoard. */
function smoothed(points, weight) {
  let sum = 0;
  let count = 0;
  return new Map([...points].map(([epoch, value]) => {
    sum = sum * weight + value * (1 - weight);
    return [epoch, sum / (1 - weight ** ++count)];
  }));
}

/** Round numbers along a logarithmic axis, even where it shows only a part of a decade. */
function ticks(least, most) {
  const decades = most / least > DECADE;
  const power = 10 ** Math.floor(Math.log10(decades ? least : (most - least) / 8));
  const step = power * [1, 2, 5, 10].find(digit => digit * power >= (most - least) / 8);
  const all = decades ? WHOLE.map(each => each * power)
    : [...Array(DECADE).keys()].map(i => (Math.ceil(least / step) + i) * step);
  return all.filter(each => each >= least && each <= most).map(each => Number(each.toPrecision(6)));
}

export class Chart {
  constructor(place) {
    this.place = place;
    this.shape = '';
    addEventListener('resize', () => this.plot?.setSize(this.size()));
    addEventListener('repaint', () => {
      this.shape = '';
      this.draw(this.last ?? [], this.how);
    });
  }

  size() {
    return { width: Math.max(200, this.place.clientWidth), height: Math.min(360, 160 + this.place.clientWidth / 4) };
  }

  /**
   * Draws series: {label, color, dash, whole: Map of epoch to value, parts: the same within an epoch}, smoothed by a
   * weight from 0 to below 1, on a logarithmic axis or not; the axis has a name.
   */
  draw(series, how = { smooth: 0, log: false, name: '' }) {
    this.last = series;
    this.how = how;
    // Smoothed values are drawn over the faint line of the values themselves.
    const lines = series.flatMap(each => (how.smooth > 0 ? [0, how.smooth] : [0]).map((weight, i, all) => ({
      ...each, faint: i + 1 < all.length,
      points: new Map([...smoothed(each.whole, weight), ...smoothed(each.parts, weight)]),
    })));
    const epochs = [...new Set(lines.flatMap(each => [...each.points.keys()]))].sort((a, b) => a - b);
    const data = [epochs, ...lines.map(each => epochs.map(epoch => {
      const value = each.points.get(epoch);
      return value === undefined || (how.log && !(value > 0)) ? null : value;
    }))];
    const shape = JSON.stringify([how.log, how.name, epochs.length < 40, ...lines.map(each =>
      [each.label, each.color, each.dash, each.faint])]);
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
    const page = resolved('var(--page)');
    const rule = resolved('var(--line)');
    const axis = { stroke: resolved('var(--soft)'), grid: { stroke: rule, width: 1 }, ticks: { stroke: rule },
      labelSize: 20, labelFont: '13px system-ui, sans-serif' };
    const up = { ...axis, label: how.name, size: 60, values: (_, splits) =>
      splits.map(each => each?.toLocaleString('en', { maximumSignificantDigits: 6 })) };
    this.plot = new uPlot({
      ...this.size(),
      // From a whole epoch to another, so that each has a place for its tick.
      scales: { x: { time: false, range: (_, least, most) => least === most ? [least - 0.5, most + 0.5]
        : [Math.floor(least), Math.ceil(most)] },
        y: how.log ? { distr: 3, range: (_, least, most) => [least / 1.05, most * 1.05] } : {} },
      axes: [{ ...axis, label: 'Epoch', size: 35, incrs: WHOLE }, how.log
        ? { ...up, splits: (_, i, least, most) => ticks(least, most), filter: (_, splits) => splits } : up],
      series: [{ label: 'epoch' }, ...lines.map(each => ({
        label: each.label, stroke: resolved(each.color), width: each.faint ? 1 : 2, alpha: each.faint ? 0.4 : 1,
        dash: each.dash ? [6, 4] : [], spanGaps: true, class: each.faint ? 'faint' : null,
        points: { show: epochs.length < 40, fill: page },
      }))],
      // The swatch is drawn as the line is.
      legend: { markers: { dash: (_, i) => lines[i - 1]?.dash ? 'dashed' : 'solid',
        fill: (plot, i) => lines[i - 1]?.dash ? page : plot.series[i].stroke(plot, i) } },
    }, data, this.place);
    // The text below the chart says what it shows, and there is a table.
    this.plot.root.setAttribute('aria-hidden', 'true');
  }
}
