// A comparison: arms down, formats across, and how each learned.
const formats = Object.keys(data.testProblems);
const arms = Object.keys(data.titles).filter(arm => data.cells.some(cell => cell.arm === arm));
const armsOf = format => arms.filter(arm => data.arms.some(a => a.format === format && a.arm === arm));
const of = (format, arm) => data.arms.filter(a => a.format === format && a.arm === arm);
const color = arm => `s${1 + arms.indexOf(arm) % 8}`;
const mostK = Math.max(...data.cells.map(cell => cell.k));
const main = data.cells.filter(cell => cell.decoding === 'greedy' || (cell.k === mostK && /^(maj|rerank)@/.test(cell.decoding)));
const decodings = [...new Set(main.map(cell => cell.decoding))];
const points = value => `${value > 0 ? '+' : ''}${minus((100 * value).toFixed(1))}`;

function tableSection() {
  const rows = decodings.flatMap(decoding => arms.map(arm => [
    `${data.titles[arm]}${decoding === 'greedy' ? '' : ` + ${decoding}`}`,
    ...formats.map(format => {
      const cell = main.find(c => c.format === format && c.arm === arm && c.decoding === decoding);
      if (!cell) return none;
      const { mean, standardDeviation } = cell.spread;
      const [one] = cell.seeds;
      return el('span', {}, el('b', {}, share(mean)), standardDeviation === undefined || standardDeviation === null
        ? ` (${(100 * one.low).toFixed(1)}–${share(one.high)})` : ` ± ${(100 * standardDeviation).toFixed(1)}`,
      cell.seeds.length > 1 ? el('span', { class: 'hint' }, ` ${cell.seeds.map(s => (100 * s.value).toFixed(1)).join(', ')}`) : null);
    })]));
  return section('table', 'Accuracy on test',
    el('p', { class: 'lead' }, `${formats.map(format => `${format}: ${data.testProblems[format].toLocaleString('en')} problems`).join('; ')}. `
      + (data.seeds.length > 1 ? `Means and standard deviations over seeds ${data.seeds.join(', ')}, and each seed's figure.` : 'One seed, with 95% intervals over problems.')),
    data.missing.length ? el('p', { class: 'lead' }, `Not run yet: ${data.missing.join('; ')}.`) : null,
    figure(),
    tableOf('Accuracy', ['Method', ...formats], rows));
}

// The drawing that lies beside the page as figure.svg.
function figure() {
  const parsed = new DOMParser().parseFromString(data.figure, 'image/svg+xml').documentElement;
  parsed.setAttribute('viewBox', `0 0 ${parsed.getAttribute('width')} ${parsed.getAttribute('height')}`);
  parsed.setAttribute('style', 'max-width: 100%; height: auto');
  return el('figure', { class: 'chart', role: 'img', 'aria-label': 'Greedy accuracy on test by format and method' }, document.importNode(parsed, true),
    el('figcaption', {}, el('p', {}, 'greedy accuracy on test; a ring a seed, the bar their mean, whiskers 95% over seeds')));
}

function differencesSection(against) {
  const shown = data.differences.filter(d => d.against === against && (d.decoding === 'greedy' || (d.k === mostK && /^(maj|rerank)@/.test(d.decoding))));
  const most = Math.max(0.01, ...shown.flatMap(d => [Math.abs(d.value.low), Math.abs(d.value.high)]));
  const rows = decodings.flatMap(decoding => arms.filter(arm => shown.some(d => d.arm === arm && d.decoding === decoding)).map(arm => [
    `${data.titles[arm]}${decoding === 'greedy' ? '' : ` + ${decoding}`}`,
    ...formats.map(format => {
      const d = shown.find(x => x.format === format && x.arm === arm && x.decoding === decoding);
      if (!d) return none;
      return el('span', { class: 'interval' }, around(d.value, most), el('b', {}, points(d.value.value)), ` (${points(d.value.low)} to ${points(d.value.high)})`,
        d.seeds.length > 1 ? el('span', { class: 'hint' }, ` ${d.seeds.map(points).join(', ')}; ${points(d.spread.low)} to ${points(d.spread.high)}`) : null);
    })]));
  const name = data.titles[against];
  return section(`differences-${against}`, `Against ${name}`,
    el('p', { class: 'lead' }, `Points of accuracy more than ${name} with the same decoding, with 95% intervals of the paired bootstrap over problems`
      + (data.seeds.length > 1 ? '; then each seed\'s difference and Student\'s 95% interval over seeds.' : '.')),
    el('ul', { style: 'margin: 0 0 12px; padding-left: 20px' }, ...data.verdicts.filter(v => v.against === against).map(v => el('li', {}, v.text))),
    tableOf('Differences', ['Method', ...formats], rows));
}

// An interval on a line with 0 in its middle.
function around(value, most) {
  const x = v => 50 + 50 * v / most;
  return svg('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('rect', { class: 'rail', x: 0, y: 4.5, width: 100, height: 1 }), svg('rect', { class: 'rail', x: 49.6, y: 0, width: 0.8, height: 10 }),
    svg('rect', { class: 'span', x: x(value.low), y: 3, width: Math.max(0.5, x(value.high) - x(value.low)), height: 4 }),
    svg('rect', { class: 'point', x: x(value.value) - 0.7, y: 0, width: 1.4, height: 10 }));
}

function samplesSection() {
  const names = [...new Set(data.cells.map(cell => cell.decoding))];
  return section('samples', 'Every decoding',
    el('p', { class: 'lead' }, 'Means over seeds. maj@k is the majority of k samples, rerank@k the one that the reward model likes best, weighted@k the majority '
      + 'weighed by its scores, pass@k whether any is right.'),
    tableOf('Decodings', ['Format', 'Method', ...names, 'samples right'], formats.flatMap(format => armsOf(format).map(arm => [format, data.titles[arm],
      ...names.map(name => share(data.cells.find(c => c.format === format && c.arm === arm && c.decoding === name)?.spread.mean)),
      share(mean(of(format, arm).map(a => a.facts.sampleAccuracy)))]))));
}

function budgetSection() {
  return section('budgets', 'Budgets',
    el('p', { class: 'lead' }, `Means over seeds; the warm-up's steps are ${data.titles[arms[0]]}'s own and not counted again. Processor seconds are those of the run alone; minutes those of its tests and its reward model too; all stages together took ${data.hours.toFixed(1)} hours.`),
    tableOf('Budgets', ['Format', 'Method', 'Gradient steps', 'Samples drawn to learn', 'Best checkpoint at step', 'Processor seconds a seed', 'Minutes a seed'], formats.flatMap(format =>
      armsOf(format).map(arm => [format, data.titles[arm],
        number(mean(of(format, arm).map(a => a.facts.gradientSteps))), number(mean(of(format, arm).map(a => a.facts.samplesDrawn))),
        of(format, arm).map(a => a.facts.bestStep).join(', '), of(format, arm).every(a => a.facts.processorSeconds) ? mean(of(format, arm).map(a => a.facts.processorSeconds)).toFixed(0) : none,
        mean(of(format, arm).map(a => a.facts.minutes)).toFixed(1)]))));
}

// Dev accuracy over gradient steps: a line a seed, of one colour an arm.
function curveOf(format) {
  const all = data.arms.filter(m => m.format === format && m.curve.length > 0);
  const [right, top] = [Math.max(1, ...all.flatMap(m => m.curve.map(p => p[0]))), Math.max(0.05, ...all.flatMap(m => m.curve.map(p => p[1]))) * 1.05];
  const [x, y] = [step => 46 + 300 * step / right, value => 250 - 236 * value / top];
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25].find(size => top / size <= 5.5) ?? 0.25;
  const plot = svg('svg', { class: 'plot fixed', viewBox: '0 0 356 284', role: 'img', 'aria-label': `Dev accuracy of ${format} over gradient steps` },
    ...Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step).flatMap(tick => [
      svg('line', { class: 'grid', x1: 46, x2: 346, y1: y(tick), y2: y(tick) }),
      svg('text', { class: 'tick', x: 40, y: y(tick) + 3.5, 'text-anchor': 'end' }, `${Math.round(100 * tick)}%`)]),
    ...[0, right / 2, right].map(at => svg('text', { class: 'tick', x: x(at), y: 265, 'text-anchor': at === right ? 'end' : 'middle' }, number(Math.round(at)))),
    svg('text', { class: 'tick', x: 196, y: 281, 'text-anchor': 'middle' }, 'gradient steps'),
    ...all.map(m => svg('path', { class: `curve ${color(m.arm)}`, d: m.curve.map((p, i) => `${i ? 'L' : 'M'}${x(p[0]).toFixed(1)},${y(p[1]).toFixed(1)}`).join('') },
      svg('title', {}, `${data.titles[m.arm]}, seed ${m.seed}`))));
  return el('figure', { class: 'chart' },
    el('figcaption', {}, el('h4', {}, format), el('p', {}, 'greedy accuracy on dev, over the steps of the run itself')),
    el('ul', { class: 'legend' }, ...armsOf(format).map(arm => el('li', {}, el('i', { class: `key ${color(arm)}` }), el('span', {}, data.titles[arm])))), plot);
}

function reliabilitySection() {
  const scored = data.arms.filter(a => a.facts.calibration && a.seed === data.seeds[0]);
  return scored.length === 0 ? null : section('reliability', 'Reward models',
    el('p', { class: 'lead' }, `Of samples with one score, the share that is right, on the test samples of seed ${data.seeds[0]}.`),
    el('div', { class: `charts n${Math.min(4, scored.length)}` }, ...scored.map(a => reliability(`${a.format}, ${data.titles[a.arm]}`, a.facts.calibration))));
}

const parts = [tableSection(), ...[...new Set(data.differences.map(d => d.against))].map(differencesSection),
  section('curves', 'Learning curves', el('div', { class: `charts n${formats.length}` }, ...formats.map(curveOf))),
  samplesSection(), reliabilitySection(), budgetSection()].filter(part => part);
document.getElementById('bar').append(...topBar(data.name, parts.map(part => [part.id, part.querySelector('h2').textContent])));
document.getElementById('main').append(el('h1', { class: 'page' }, data.name), ...parts);
