// The head of the page: what was trained, what came of it.
function bar() {
  const places = [['summary', 'Summary'], ...data.rerankings.length ? [['reranking', 'Re-ranking']] : [], ['curves', 'Curves'], ['completions', 'Completions'], ['flips', 'Flips'],
    ['evaluations', 'Evaluations'], ['alarms', 'Alarms'], ['config', 'Config']];
  return topBar(data.run, places);
}

function tile(label, value, detail, curve) {
  return el('div', { class: 'tile' }, el('span', { class: 'label' }, label), el('strong', {}, value),
    el('span', { class: 'detail' }, detail), curve ? spark(curve) : null);
}

function spark(curve) {
  const values = smooth(curve.y, 0.7);
  const known = values.filter(value => value !== null);
  if (known.length < 3) return null;
  const [low, high] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
  const path = pathOf({ x: values.map((_, i) => i) }, values, i => i / (values.length - 1) * 100, v => 22 - (v - low) / (high - low || 1) * 20);
  return svg('svg', { class: 'spark', viewBox: '0 0 100 24', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, svg('path', { d: path }));
}

function tiles() {
  const shown = [];
  if (data.dev) {
    const { first, last } = data.dev;
    const [now, then] = [last.accuracy, first.accuracy];
    const change = first.step === last.step ? '' : `, ${signed(Number((100 * (now.value - then.value)).toFixed(1)))} points`;
    shown.push(tile('Dev accuracy', share(now.value), `${(100 * now.low).toFixed(0)}–${(100 * now.high).toFixed(0)}%${change}`,
      evaluated('dev', 'greedy', '', '')));
  }
  const trend = (name, label, spell) => {
    const ends = data.trends[name] ?? (names.has(name) ? endsOf(names.get(name)) : null);
    if (Number.isFinite(ends?.last)) shown.push(tile(label, spell(ends.last), `from ${spell(ends.first)}`, names.get(name)));
  };
  trend('verdict/correct_share', 'Correct rollouts', share);
  trend('loss/nll', 'Loss a token', number);
  trend('reward/total', 'Reward', number);
  trend('kl/k1_sequence', 'KL of a sequence', number);
  trend('policy/entropy', 'Entropy', number);
  trend('rollout/length_mean', 'Response length', number);
  trend(names.has('speed/new_tokens_per_s') ? 'speed/new_tokens_per_s' : 'speed/trained_tokens_per_s', 'Tokens a second', number);
  return shown.length ? el('div', { class: 'tiles' }, ...shown) : null;
}

function summarySection() {
  const facts = data.facts.map(({ label, value }) =>
    el('div', { class: value.length > 60 ? 'long' : null }, el('dt', {}, label), el('dd', {}, value)));
  return el('section', { id: 'summary', 'aria-labelledby': 'summary-title' },
    el('div', { class: 'title' }, el('h1', { id: 'summary-title' }, data.run),
      el('span', { class: `state ${data.state}` }, data.state), data.alarms.length
        ? el('a', { class: 'state alarms', href: '#alarms' }, data.alarms.length === 1 ? '1 kind of alarm' : `${data.alarms.length} kinds of alarms`) : null),
    tiles(),
    el('div', { class: 'words' }, el('ul', {}, ...data.sentences.map(sentence => el('li', {}, sentence))), el('dl', {}, ...facts)),
    data.notes.length ? el('div', { class: 'notes' }, el('h3', {}, 'While reading this run'),
      el('ul', {}, ...data.notes.map(note => el('li', {}, note)))) : null);
}
