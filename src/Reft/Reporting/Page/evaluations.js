// Every evaluation: accuracy with its interval, and what became of the rest.
function evaluationsSection() {
  const rows = data.evaluations.flatMap(row => [['greedy', row.greedy], ['sampled', row.sampled]]
    .filter(([, score]) => score).map(([way, score]) => ({ row, way, score })));
  if (rows.length === 0) return section('evaluations', 'Evaluations', empty('There is no evaluation yet.'));
  const heads = ['Set', 'Step', 'Decoding', 'Strict accuracy', '95% interval', 'n', 'Reward', 'Outcomes', 'Truncated', 'Weights'];
  const reversed = [...rows].reverse();
  const hidden = data.evaluationCount - data.evaluations.length;
  return section('evaluations', 'Evaluations',
    el('p', { class: 'lead' }, `The newest first. The test set was looked at ${data.testLooks === 1 ? 'once' : `${data.testLooks} times`}.`
      + (hidden > 0 ? ` ${hidden} of ${data.evaluationCount} evaluations are left out, evenly spaced.` : '')),
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Evaluations' }, el('table', { class: 'evaluations' },
      el('thead', {}, el('tr', {}, ...heads.map(head => el('th', { scope: 'col' }, head)))),
      el('tbody', {}, ...reversed.map(rowOf)))), legendOfOutcomes());
}

function rowOf({ row, way, score }) {
  const cells = [row.set, row.step, el('span', { title: score.sampling }, way),
    el('b', {}, share(score.accuracy.value)), interval(score.accuracy), score.accuracy.n, number(score.reward), shares(score.shares),
    share(score.shares.truncated), el('code', {}, excerpt(row.model, 10))];
  return el('tr', {}, ...cells.map(cell => el('td', {}, cell)));
}

function shares(all) {
  const known = Object.keys(outcomes).filter(name => all[name] > 0);
  const spoken = known.map(name => `${outcomes[name][1]} ${share(all[name])}`).join(', ');
  let at = 0;
  return svg('svg', { class: 'shares', viewBox: '0 0 100 10', preserveAspectRatio: 'none', role: 'img', 'aria-label': spoken }, svg('title', {}, spoken),
    ...known.map(name => {
      const rect = svg('rect', { class: name, x: at, y: 0, width: 100 * all[name], height: 10 });
      at += 100 * all[name];
      return rect;
    }));
}

const legendOfOutcomes = () => el('p', { class: 'outcomes' }, ...Object.keys(outcomes).map(badge));
