// Tables and plots that do not move with the steps of a run.
function tableOf(label, heads, rows) {
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label }, el('table', { class: 'evaluations' },
    el('thead', {}, el('tr', {}, ...heads.map(head => el('th', { scope: 'col' }, head)))),
    el('tbody', {}, ...rows.map(cells => el('tr', {}, ...cells.map(cell => el('td', {}, cell)))))));
}

function figureOf(title, note, plot) {
  return el('figure', { class: 'chart' }, el('figcaption', {}, el('h4', {}, title), el('p', {}, note)), plot);
}

// A fixed plot of shares against shares, 0 to 1 each way.
function square(label, xTitle, ...parts) {
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const [x, y] = [value => 46 + 300 * value, value => 250 - 236 * value];
  const plot = svg('svg', { class: 'plot fixed', viewBox: '0 0 356 284', role: 'img', 'aria-label': label },
    ...ticks.flatMap(tick => [
      svg('line', { class: 'grid', x1: x(0), x2: x(1), y1: y(tick), y2: y(tick) }),
      svg('text', { class: 'tick', x: 40, y: y(tick) + 3.5, 'text-anchor': 'end' }, `${100 * tick}%`),
      svg('text', { class: 'tick', x: x(tick), y: 265, 'text-anchor': tick === 1 ? 'end' : 'middle' }, `${100 * tick}%`)]),
    svg('text', { class: 'tick', x: 196, y: 281, 'text-anchor': 'middle' }, xTitle), ...parts.flatMap(part => part(x, y)));
  return plot;
}

// A reliability plot: of samples with one score, the share that is right.
function reliability(of, { bins, samples, expectedError }) {
  const known = bins.filter(bin => bin.count > 0);
  const spoken = known.map(bin => `score ${share(bin.score)}: ${share(bin.right)} right, ${bin.count} samples`).join('; ');
  return figureOf('Reliability', `${of}: of samples with one score, the share that is right; areas are counts. `
    + `Expected calibration error ${number(expectedError)} over ${samples.toLocaleString('en')} samples.`,
  square(spoken, 'mean score', (x, y) => [
    svg('line', { class: 'curve s4 dashed', x1: x(0), y1: y(0), x2: x(1), y2: y(1) }),
    svg('path', { class: 'curve s1', d: known.map((bin, i) => `${i ? 'L' : 'M'}${x(bin.score)},${y(bin.right)}`).join('') }),
    ...known.map(bin => svg('circle', { class: 'dot s1', cx: x(bin.score), cy: y(bin.right), r: Math.max(2, 22 * Math.sqrt(bin.count / samples)), 'fill-opacity': 0.45 },
      svg('title', {}, `score ${share(bin.score)}: ${share(bin.right)} of ${bin.count} right`)))]));
}

// The interval on a line from 0 to 1.
function interval(accuracy) {
  return el('span', { class: 'interval' }, svg('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('rect', { class: 'rail', x: 0, y: 4.5, width: 100, height: 1 }),
    svg('rect', { class: 'span', x: 100 * accuracy.low, y: 3, width: Math.max(0.5, 100 * (accuracy.high - accuracy.low)), height: 4 }),
    svg('rect', { class: 'point', x: 100 * accuracy.value - 0.7, y: 0, width: 1.4, height: 10 })),
  `${(100 * accuracy.low).toFixed(1)}–${share(accuracy.high)}`);
}
