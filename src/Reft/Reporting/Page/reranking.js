// What a reward model is worth: its choices beside votes, and whether its scores are probabilities.
function rerankingSection() {
  if (data.rerankings.length === 0) return null;
  const best = data.rerankings.find(item => item.step === data.chosen) ?? data.rerankings.at(-1);
  return section('reranking', 'Re-ranking',
    el('p', { class: 'lead' }, 'The reward model reads every sample of a problem and gives it a score, the probability that it is right. '
      + 'best-of-k takes the highest of k, a weighted vote adds scores by answer, pass@k is what a perfect choice would give.'),
    tableOf('Re-ranking', ['Set', 'Step', 'k', 'best-of-k', '95% interval', 'weighted vote', 'maj@k', 'pass@k', 'ECE', 'Brier'],
      [...data.rerankings].reverse().map(item => {
        const row = item.report.rows.at(-1);
        return [item.set, item.step, row.k, el('b', {}, share(row.best.value)), interval(row.best), share(row.weighted.value),
          share(row.majority.value), share(row.pass.value), number(item.report.calibration.expectedError), number(item.report.calibration.brier)];
      })),
    el('div', { class: 'charts n2' }, reliability(best), choices(best)));
}

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

function reliability({ step, set, report }) {
  const { bins, samples, expectedError } = report.calibration;
  const known = bins.filter(bin => bin.count > 0);
  const spoken = known.map(bin => `score ${share(bin.score)}: ${share(bin.right)} right, ${bin.count} samples`).join('; ');
  return figureOf('Reliability', `${set}, step ${step}: of samples with one score, the share that is right; areas are counts. `
    + `Expected calibration error ${number(expectedError)} over ${samples.toLocaleString('en')} samples.`,
  square(spoken, 'mean score', (x, y) => [
    svg('line', { class: 'curve s4 dashed', x1: x(0), y1: y(0), x2: x(1), y2: y(1) }),
    svg('path', { class: 'curve s1', d: known.map((bin, i) => `${i ? 'L' : 'M'}${x(bin.score)},${y(bin.right)}`).join('') }),
    ...known.map(bin => svg('circle', { class: 'dot s1', cx: x(bin.score), cy: y(bin.right), r: Math.max(2, 22 * Math.sqrt(bin.count / samples)), 'fill-opacity': 0.45 },
      svg('title', {}, `score ${share(bin.score)}: ${share(bin.right)} of ${bin.count} right`)))]));
}

// Accuracy over k, the four ways.
function choices({ step, set, report }) {
  const most = Math.log2(report.rows.at(-1).k) || 1;
  const ways = [['best', 'best-of-k', 's1'], ['weighted', 'weighted', 's2'], ['majority', 'maj@k', 's3'], ['pass', 'pass@k', 's5']];
  const plot = square(ways.map(([key, name]) => `${name} ${share(report.rows.at(-1)[key].value)}`).join(', '),
    'k, by powers of two from left to right', (x, y) => ways.flatMap(([key, , color]) => [
      svg('path', { class: `curve ${color}`, d: report.rows.map((row, i) => `${i ? 'L' : 'M'}${x(Math.log2(row.k) / most)},${y(row[key].value)}`).join('') }),
      ...report.rows.map(row => svg('circle', { class: `dot ${color}`, cx: x(Math.log2(row.k) / most), cy: y(row[key].value), r: 2.6 }))]));
  [...plot.querySelectorAll('.tick[y="265"]')].forEach(tick => tick.remove());
  report.rows.forEach(row => plot.append(svg('text', { class: 'tick', x: 46 + 300 * Math.log2(row.k) / most, y: 265, 'text-anchor': 'middle' }, row.k)));
  return el('figure', { class: 'chart' },
    el('figcaption', {}, el('h4', {}, 'Choices'), el('p', {}, `${set}, step ${step}: share of ${report.problems} problems that are right`)),
    el('ul', { class: 'legend' }, ...ways.map(([, name, color]) => el('li', {}, el('i', { class: `key ${color}` }), el('span', {}, name)))), plot);
}
