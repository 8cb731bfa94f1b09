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
    el('div', { class: 'charts n2' }, reliability(`${best.set}, step ${best.step}`, best.report.calibration), choices(best)));
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
