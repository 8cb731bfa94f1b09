// Which figures share a chart, and what they mean. Figures that are not named here get a chart of their own.
const stepsOfAlarms = () => data.alarms.flatMap(alarm => alarm.at);
let alarmSteps = stepsOfAlarms();

// Charts of figures that the run's method describes itself; those of one title share one.
function described(group) {
  const charts = new Map();
  for (const metric of data.metrics.filter(metric => metric.group === group)) {
    const chart = charts.get(metric.title) ?? { title: metric.title, note: metric.note, unit: metric.share ? 'share' : undefined, zero: metric.zero, series: [] };
    chart.series.push(line(metric.name, metric.label ?? metric.name, { color: `s${(charts.size + chart.series.length) % 5 + 1}`, bounds: metric.bounds }));
    charts.set(metric.title, chart);
  }
  return [...charts.values()];
}

function panelsOf() {
  const panels = [
    ['Reward and accuracy', [
      { title: 'Strict accuracy', note: 'share of completions whose answer is right; bands are 95% intervals', unit: 'share',
        series: [evaluated('dev', 'greedy', 'dev, greedy', 's1'), evaluated('dev', 'sampled', 'dev, sampled', 's4'),
          evaluated('test', 'greedy', 'test, greedy', 's5'), line('verdict/correct_share', 'rollouts', { color: 's2' })] },
      { title: 'Reward', note: 'terminal: by the verdict; KL: −β Σ k1; total: their sum',
        series: [line('reward/total', 'total', { color: 's1' }), line('reward/terminal', 'terminal', { color: 's2' }),
          line('reward/kl', 'KL', { color: 's4' }), line('reward/verdict_mean', 'verdicts', { color: 's3', dashed: true })] },
      { title: 'Spread of rewards', note: 'standard deviation over sequences: at 0 there is nothing to learn from', zero: true,
        series: [line('reward/terminal_std', 'deviation', { color: 's4' })] },
      { title: 'Outcomes of rollouts', note: 'shares, stacked', unit: 'share', stack: true,
        series: [line('verdict/correct_share', 'correct', { color: 'correct' }), line('verdict/incorrect_share', 'incorrect', { color: 'incorrect' }),
          line('verdict/no_answer_share', 'no answer', { color: 'noAnswer' }), line('verdict/timeout_share', 'timeout', { color: 'timeout' }),
          line('verdict/error_share', 'error', { color: 'error' })] },
    ]],
    ['Loss', [
      { title: 'Negative log-likelihood', note: 'mean of −log π over the tokens to imitate, in nats', series: [line('loss/nll', 'nll', { color: 's1' })] },
      { title: 'Policy loss', note: 'mean over mini-batches of the weighted sum of their tokens', series: [line('loss/policy', 'policy', { color: 's1' })] },
      { title: 'Value loss', note: 'mean over mini-batches of the weighted sum of their tokens', series: [line('loss/value', 'value', { color: 's4' })] },
    ]],
    ['Distance from the reference', [
      { title: 'KL of a sequence', note: 'Σ k1 in nats, mean ± standard error', zero: true,
        series: [line('kl/k1_sequence', 'k1', { color: 's1', error: 'kl/k1_sequence_se' })] },
      { title: 'KL of a token', note: 'k1 = d and k3 = e⁻ᵈ − 1 + d, in nats', zero: true,
        series: [line('kl/k1_token', 'k1', { color: 's1' }), line('kl/k3_token', 'k3', { color: 's2' })] },
      { title: 'KL coefficient β', note: 'fixed, or adapted to a target', series: [line('kl/coefficient', 'β', { color: 's4' })] },
    ]],
    ['Policy', [
      { title: 'Entropy', note: 'of a token’s whole distribution, in nats', zero: true, series: [line('policy/entropy', 'entropy', { color: 's1' })] },
    ]],
    ['Values and advantages', [
      { title: 'Advantages', note: 'before whitening; the band is their range',
        series: [line('advantage/mean', 'mean', { color: 's1', bounds: ['advantage/min', 'advantage/max'] }), line('advantage/std', 'deviation', { color: 's2' })] },
    ]],
    ['Length', [
      { title: 'Response length', note: 'tokens', zero: true,
        series: [line('rollout/length_mean', 'mean', { color: 's1' }), line('rollout/length_max', 'longest', { color: 's2' })] },
      { title: 'Truncated', note: 'share of rollouts that ended at the length limit', unit: 'share',
        series: [line('rollout/truncated_share', 'truncated', { color: 's2' })] },
      { title: 'Prompt length', note: 'mean, tokens', series: [line('rollout/prompt_mean', 'mean', { color: 's4' })] },
      { title: 'Tokens of a step', note: 'of responses, and those with a weight in the loss', zero: true,
        series: [line('rollout/tokens', 'responses', { color: 's1' }), line('mask/sampled_tokens', 'sampled', { color: 's3' }),
          line('tokens/learned', 'learned', { color: 's4' }), line('mask/loss_tokens', 'in the loss', { color: 's2', dashed: true })] },
      { title: 'Sequences of a step', note: '', series: [line('rollout/sequences', 'sequences', { color: 's4' })] },
    ]],
    ['Optimizer', [
      { title: 'Learning rate', note: '', zero: true, series: [line('optimizer/learning_rate', 'rate', { color: 's1' })] },
      { title: 'Gradient norm', note: 'over all parameters, before the clip', zero: true, series: [line('optimizer/gradient_norm', 'norm', { color: 's1' })] },
      { title: 'Update norm', note: 'over all parameters', zero: true, series: [line('optimizer/update_norm', 'norm', { color: 's4' })] },
      { title: 'Changed weights', note: 'share of computing weights that an update changed', unit: 'share',
        series: [line('optimizer/changed_share', 'changed', { color: 's3' })] },
      { title: 'Skipped updates', note: 'share left out because a gradient was not finite', unit: 'share',
        series: [line('optimizer/skipped', 'skipped', { color: 's2' })] },
    ]],
    ['Time and memory', [
      { title: 'Time of a step', note: 'seconds by phase, stacked', unit: 'seconds', stack: true, zero: true,
        series: [...names.keys()].filter(name => name.startsWith('time/') && name !== 'time/optimizer_s')
          .map((name, i) => line(name, name.slice(5).replace(/_s$/, ''), { color: `s${i % 5 + 1}` })) },
      { title: 'Speed', note: 'tokens a second', zero: true,
        series: [line('speed/new_tokens_per_s', 'new', { color: 's1' }), line('speed/trained_tokens_per_s', 'trained', { color: 's2' })] },
      { title: 'Memory', note: 'of the process', unit: 'GiB', zero: true,
        series: [line('memory/resident_bytes', 'resident', { color: 's1', per: 2 ** 30 }), line('memory/peak_resident_bytes', 'peak', { color: 's2', dashed: true, per: 2 ** 30 })] },
      { title: 'Live tensors', note: 'at the end of a step', zero: true, series: [line('memory/live_tensors', 'tensors', { color: 's1' })] },
      { title: 'Growth of live tensors', note: 'in a step: more than 0 for long is a leak', series: [line('memory/tensor_growth', 'growth', { color: 's2' })] },
    ]],
  ];
  for (const [title, specs] of panels) specs.push(...described(title));
  for (const title of new Set(data.metrics.map(metric => metric.group).filter(group => group && !panels.some(([known]) => known === group)))) {
    panels.push([title, described(title)]);
  }
  return panels;
}

// The figures that no panel names, by the part of their name before the slash.
function unnamedPanels(panels) {
  const used = new Set(['epoch', 'kl/k1_sequence_se', ...data.metrics.flatMap(metric => metric.bounds ?? []), 'advantage/min', 'advantage/max',
    ...panels.flatMap(([, specs]) => specs.flatMap(spec => spec.series)).filter(series => series).map(series => series.name)]);
  const groups = new Map();
  for (const name of names.keys()) {
    const series = used.has(name) ? null : line(name, name, { color: 's1' });
    if (!series) continue;
    const group = name.includes('/') ? name.slice(0, name.indexOf('/')) : 'Other';
    groups.set(group, [...groups.get(group) ?? [], { title: name, note: data.metrics.find(metric => metric.name === name)?.note, series: [series] }]);
  }
  return [...groups];
}

function curvesSection() {
  const steps = [...data.curves.flatMap(file => [file.from[0], (file.to ?? file.from).at(-1)]),
    ...data.evaluations.map(row => row.step)].filter(step => step !== undefined);
  if (steps.length === 0) return section('curves', 'Curves', empty('There is no step yet.'));
  // Who has zoomed in stays there when steps are added.
  const wasAll = view.from <= view.first && view.to >= view.last;
  [view.first, view.last] = [Math.min(...steps), Math.max(...steps)];
  if (view.first === view.last) view.last++;
  if (wasAll) [view.from, view.to] = [view.first, view.last];
  const panels = panelsOf();
  const groups = [...panels, ...unnamedPanels(panels)].map(([title, specs]) => groupOf(title, specs)).filter(group => group);
  shownCharts = section('curves', 'Curves',
    el('div', { class: 'tools' },
      el('span', { class: 'label' }, 'Smoothing'),
      choice('Smoothing', [[0, 'off'], [0.8, 'some'], [0.95, 'strong']], view.smoothing, value => { view.smoothing = value; charts.forEach(draw); }),
      readout,
      el('span', { class: 'hint' }, `Drag in a chart to zoom, double-click for all.${alarmSteps.length ? ' Dashed lines: alarms.' : ''}`
        + (data.curves[0].to ? ` A point is the mean of ${data.curves[0].stride} steps, its band their range.` : '')),
      el('button', { type: 'button', class: 'all', onclick: zoomOut }, 'Show all steps')),
    ...groups);
  shownCharts.classList.add('shown');
  shownCharts.classList.toggle('zoomed', !wasAll);
  setCursor(view.cursor);
  new ResizeObserver(() => charts.forEach(draw)).observe(shownCharts);
  return shownCharts;
}

// Curves that never move take a line, not a chart.
function groupOf(title, specs) {
  const full = specs.map(spec => ({ ...spec, series: spec.series.filter(series => series) })).filter(spec => spec.series.length);
  if (full.length === 0) return null;
  const isFlat = spec => spec.series.every(series => !series.dots && series.x.length > 2 && isConstant(series));
  const flat = full.filter(isFlat).flatMap(spec => spec.series.map(series =>
    [series.name, units[spec.unit ?? 'number'](series.y.find(value => value !== null))]));
  const moving = full.filter(spec => !isFlat(spec));
  return el('div', { class: 'group' }, el('h3', {}, title),
    el('div', { class: `charts n${moving.length}` }, ...moving.map(makeChart)),
    flat.length ? el('p', { class: 'flat' }, 'Constant: ', ...flat.flatMap(([name, value], i) =>
      [i ? ', ' : '', el('code', {}, name), ` ${value}`])) : null);
}
