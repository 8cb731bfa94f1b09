// Small charts over one shared range of steps.
const charts = [];
let drawnCharts = 0;
const view = { from: 0, to: 1, first: 0, last: 1, smoothing: 0, cursor: null };
const margin = { left: 46, right: 10, top: 8, bottom: 20 };
const plotHeight = 168;

// Ticks at 1, 2 or 5 times a power of ten.
function ticksOf(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(times => times * power).find(size => size >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step + 0);
  return ticks;
}

function makeChart(spec) {
  const plot = svg('svg', {
    class: 'plot', tabindex: 0, role: 'img',
    'aria-label': `${spec.title}, a curve over steps. Arrow keys move the read-out, plus and minus zoom, Escape shows all.`,
  });
  const figure = el('figure', { class: 'chart' },
    el('figcaption', {}, el('h4', {}, spec.title), el('p', {}, spec.note ?? '')), el('ul'), plot);
  const chart = { spec, plot, list: figure.children[1], id: drawnCharts++ };
  legend(chart);
  charts.push(chart);
  listen(chart);
  return figure;
}

// The names of a chart's series, with a place for the value of each.
function legend(chart) {
  const { series } = chart.spec;
  chart.values = series.map(() => el('b'));
  chart.list.className = `legend${series.length > 1 ? '' : ' single'}`;
  chart.list.replaceChildren(...series.map((line, i) =>
    el('li', {}, el('i', { class: `key ${line.color}${line.dashed ? ' dashed' : ''}` }), el('span', {}, line.label), chart.values[i])));
}

// What is drawn of a series: its visible points, smoothed or not, and where a stack has it, on those below.
function visible(series, below) {
  const from = Math.max(0, placeOf(series.x, view.from - 1e-9));
  const to = Math.min(series.x.length, placeOf(series.x, view.to) + 2);
  const smoothed = view.smoothing && !series.dots ? smooth(series.y, view.smoothing) : null;
  const cut = list => list ? Array.from({ length: to - from }, (_, i) => list[from + i] ?? null) : null;
  const shown = { x: series.x.slice(from, to), raw: cut(series.y), y: cut(smoothed ?? series.y), isSmoothed: smoothed !== null };
  if (below) {
    shown.floor = below;
    shown.y = shown.y.map((value, i) => (value ?? 0) + (below[i] ?? 0));
  } else {
    [shown.low, shown.high] = [cut(series.low), cut(series.high)];
  }
  return shown;
}

function rangeOf(spec, drawn) {
  const all = drawn.flatMap(d => [d.y, d.floor, d.low, d.high, d.isSmoothed && !d.floor ? d.raw : null])
    .filter(list => list).flat().filter(value => value !== null);
  if (all.length === 0) return [0, 1];
  let [low, high] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  if (spec.zero || spec.unit === 'share') [low, high] = [Math.min(0, low), Math.max(0, high)];
  const pad = (high - low || Math.abs(high) || 1) * 0.06;
  const top = spec.unit === 'share' ? Math.max(high, Math.min(1, high + pad)) : high + pad;
  return [low === 0 && (spec.zero || spec.unit === 'share') ? 0 : low - pad, top === low ? low + 1 : top];
}

function draw(chart) {
  const { spec, plot } = chart;
  if (plot.parentNode.clientWidth === 0) return; // Not on the screen.
  const width = Math.max(200, Math.round(plot.parentNode.clientWidth - 2 * parseFloat(getComputedStyle(plot.parentNode).paddingLeft)));
  const drawn = [];
  for (const series of spec.series) drawn.push(visible(series, spec.stack ? drawn.at(-1)?.y ?? [] : null));
  const [low, high] = rangeOf(spec, drawn);
  const right = width - margin.right;
  const bottom = plotHeight - margin.bottom;
  const x = step => margin.left + (step - view.from) / (view.to - view.from) * (right - margin.left);
  const y = value => bottom - (value - low) / (high - low) * (bottom - margin.top);
  Object.assign(chart, { x, width, right, bottom });
  plot.setAttribute('viewBox', `0 0 ${width} ${plotHeight}`);
  const inside = svg('g', { 'clip-path': `url(#clip${chart.id})` });
  chart.cursor = svg('g', { class: 'cursor', visibility: 'hidden' },
    svg('line', { y1: margin.top, y2: bottom }), svg('text', { y: plotHeight - 5, 'text-anchor': 'middle' }));
  chart.brush = svg('rect', { class: 'brush', y: margin.top, height: bottom - margin.top, width: 0 });
  for (const step of alarmSteps) inside.append(svg('line', { class: 'alarm', x1: x(step), x2: x(step), y1: margin.top, y2: bottom }));
  // The first series last: it is the one that matters, and must not be hidden.
  spec.series.map((series, i) => paint(series, drawn[i], spec, x, y)).reverse().forEach(parts => inside.append(...parts));
  plot.replaceChildren(
    svg('clipPath', { id: `clip${chart.id}` },
      svg('rect', { x: margin.left - 3, y: 0, width: right - margin.left + 6, height: bottom + 3 })),
    ...axes(spec, { low, high, width, right, bottom, x, y }), inside, chart.brush, chart.cursor);
  readOut(chart);
}

function axes(spec, { low, high, width, right, bottom, x, y }) {
  const parts = [];
  const ticks = ticksOf(low, high, 4);
  const digits = Math.max(0, Math.min(6, -Math.floor(Math.log10((ticks[1] ?? 1) - (ticks[0] ?? 0)) + 1e-9)));
  for (const tick of ticks) {
    parts.push(
      svg('line', { class: Math.abs(tick) < 1e-12 && low < 0 ? 'zero' : 'grid', x1: margin.left, x2: right, y1: y(tick), y2: y(tick) }),
      svg('text', { class: 'tick', x: margin.left - 6, y: y(tick) + 3.5, 'text-anchor': 'end' }, tickText(tick, digits, spec.unit)));
  }
  for (const tick of ticksOf(view.from, view.to, Math.max(2, Math.floor(width / 90))).filter(Number.isInteger)) {
    const anchor = x(tick) > right - 14 ? 'end' : 'middle';
    parts.push(svg('text', { class: 'tick step', x: anchor === 'end' ? right + 8 : x(tick), y: plotHeight - 5, 'text-anchor': anchor },
      tick.toLocaleString('en')));
  }
  return parts;
}

function tickText(tick, digits, unit) {
  if (unit === 'share') return `${Number((100 * tick).toFixed(Math.max(0, digits - 2)))}%`;
  if (tick === 0) return '0';
  const size = Math.abs(tick);
  if (size > 0 && (size < 0.001 || size >= 1e6)) return minus(tick.toExponential(1).replace('e+', 'e').replace('.0e', 'e'));
  return size >= 1000 ? minus(`${Number((tick / 1000).toFixed(2))}k`) : minus(tick.toFixed(digits));
}

// The runs of neighbouring values, as places from and to: a gap stays a gap.
function runs(values) {
  const found = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] === null || values[i] === undefined) continue;
    if (found.length && found.at(-1)[1] === i - 1) found.at(-1)[1] = i; else found.push([i, i]);
  }
  return found;
}

function pathOf(shown, values, x, y) {
  return runs(values).map(([from, to]) => {
    let path = '';
    for (let i = from; i <= to; i++) path += `${i === from ? 'M' : 'L'}${x(shown.x[i]).toFixed(1)},${y(values[i]).toFixed(1)}`;
    return from === to ? `${path}h0.01` : path;
  }).join('');
}

function areaOf(shown, below, above, x, y) {
  return runs(above.map((value, i) => value === null || below[i] === null || below[i] === undefined ? null : value)).map(([from, to]) => {
    let path = '';
    for (let i = from; i <= to; i++) path += `${i === from ? 'M' : 'L'}${x(shown.x[i]).toFixed(1)},${y(above[i]).toFixed(1)}`;
    for (let i = to; i >= from; i--) path += `L${x(shown.x[i]).toFixed(1)},${y(below[i]).toFixed(1)}`;
    return `${path}Z`;
  }).join('');
}

function paint(series, shown, spec, x, y) {
  const parts = [];
  const color = series.color;
  if (spec.stack) {
    return [svg('path', { class: `area ${color}`, d: areaOf(shown, shown.y.map((_, i) => shown.floor[i] ?? 0), shown.y, x, y) })];
  }
  if (shown.low && shown.high) {
    parts.push(svg('path', { class: `band ${color}${series.dots ? ' strong' : ''}`, d: areaOf(shown, shown.low, shown.high, x, y) }));
  }
  if (shown.isSmoothed) parts.push(svg('path', { class: `curve faint ${color}`, d: pathOf(shown, shown.raw, x, y) }));
  parts.push(svg('path', { class: `curve ${color}${series.dashed ? ' dashed' : ''}`, d: pathOf(shown, shown.y, x, y) }));
  if (series.dots && shown.x.length <= 60) {
    shown.x.forEach((step, i) => parts.push(svg('circle', { class: `dot ${color}`, cx: x(step), cy: y(shown.y[i]), r: 2.6 })));
  }
  return parts;
}
