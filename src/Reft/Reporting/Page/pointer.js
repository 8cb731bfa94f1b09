// One read-out for all charts: where the pointer is in one of them, the others show the same step.
const readout = el('output', { class: 'readout', 'aria-live': 'polite' });
let shownCharts = null;

function setCursor(step) {
  view.cursor = step === null ? null : Math.min(view.to, Math.max(view.from, step));
  charts.forEach(readOut);
  const file = data.curves[0];
  const place = view.cursor === null || !file ? -1 : placeOf(file.from, view.cursor);
  const last = file?.to && place >= 0 ? file.to[place] : null;
  readout.textContent = view.cursor === null ? 'last values'
    : last !== null && last > file.from[place] ? `steps ${file.from[place]}–${last}, mean` : `step ${Math.round(view.cursor)}`;
}

function readOut(chart) {
  const isOn = view.cursor !== null;
  chart.spec.series.forEach((series, i) => {
    let place = isOn ? placeOf(series.x, view.cursor) : series.x.length - 1;
    // Without a pointer the last value there is; with one, a gap is shown as a gap.
    while (!isOn && place > 0 && (series.y[place] ?? null) === null) place--;
    const value = series.y[place] ?? null;
    const isPast = isOn && !series.dots && place >= 0 && view.cursor > series.to[place] + 1;
    chart.values[i].textContent = value === null || isPast ? none
      : units[chart.spec.unit ?? 'number'](value) + (chart.spec.stack ? '' : series.spread?.(place) ?? '');
  });
  if (!chart.cursor) return;
  chart.cursor.setAttribute('visibility', isOn ? 'visible' : 'hidden');
  // The read-out's step takes the place of the ticks that it would lie on.
  for (const tick of chart.plot.querySelectorAll('.step')) {
    const isNear = isOn && Math.abs(tick.getAttribute('x') - chart.x(view.cursor)) < 7 * tick.textContent.length + 10;
    tick.setAttribute('visibility', isNear ? 'hidden' : 'visible');
  }
  if (isOn) {
    const [rule, label] = chart.cursor.children;
    const at = chart.x(view.cursor);
    rule.setAttribute('x1', at);
    rule.setAttribute('x2', at);
    label.setAttribute('x', Math.min(chart.right - 8, at));
    label.textContent = Math.round(view.cursor).toLocaleString('en');
  }
}

function zoom(from, to) {
  const least = Math.min(4, view.last - view.first);
  if (to - from < least) [from, to] = [(from + to - least) / 2, (from + to + least) / 2];
  view.from = Math.max(view.first, from);
  view.to = Math.min(view.last, to);
  shownCharts?.classList.toggle('zoomed', view.from > view.first || view.to < view.last);
  charts.forEach(draw);
}

const zoomOut = () => zoom(view.first, view.last);

function stepAt(chart, event) {
  const box = chart.plot.getBoundingClientRect();
  const at = (event.clientX - box.left) * chart.width / box.width;
  return Math.round(view.from + (at - margin.left) / (chart.right - margin.left) * (view.to - view.from));
}

function listen(chart) {
  let start = null;
  chart.plot.addEventListener('pointermove', event => {
    const step = stepAt(chart, event);
    setCursor(step);
    if (start !== null) {
      const [a, b] = [chart.x(Math.min(start, step)), chart.x(Math.max(start, step))];
      chart.brush.setAttribute('x', a);
      chart.brush.setAttribute('width', Math.max(0, b - a));
    }
  });
  chart.plot.addEventListener('pointerleave', () => { if (start === null) setCursor(null); });
  chart.plot.addEventListener('pointerdown', event => {
    setCursor(stepAt(chart, event));
    if (event.pointerType === 'mouse' && event.button === 0) {
      start = stepAt(chart, event);
      chart.plot.setPointerCapture(event.pointerId);
    }
  });
  chart.plot.addEventListener('pointerup', event => {
    if (start === null) return;
    const [from, to] = [start, stepAt(chart, event)].sort((a, b) => a - b);
    start = null;
    chart.brush.setAttribute('width', 0);
    if (chart.x(to) - chart.x(from) > 8) zoom(from, to);
  });
  chart.plot.addEventListener('pointercancel', () => { start = null; chart.brush.setAttribute('width', 0); });
  chart.plot.addEventListener('dblclick', zoomOut);
  chart.plot.addEventListener('blur', () => setCursor(null));
  chart.plot.addEventListener('keydown', event => keyOn(chart, event));
}

function keyOn(chart, event) {
  const steps = chart.spec.series[0].x;
  const now = view.cursor ?? view.to;
  const move = by => steps[Math.min(steps.length - 1, Math.max(0, placeOf(steps, now) + by))];
  const span = view.to - view.from;
  const keys = {
    ArrowLeft: () => setCursor(move(event.shiftKey ? -10 : -1)),
    ArrowRight: () => setCursor(move(event.shiftKey ? 10 : 1)),
    Home: () => setCursor(view.from),
    End: () => setCursor(view.to),
    '+': () => zoom(now - span / 4, now + span / 4),
    '-': () => zoom(now - span, now + span),
    Escape: () => { zoomOut(); setCursor(null); },
  };
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
}
