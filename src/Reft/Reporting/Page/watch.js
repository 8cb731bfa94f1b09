// All runs over one another: a table that can be sorted, and a chart a figure with a curve a run. Server-sent events bring what changed.
let alarmSteps = [];
const colors = 8;
const heads = new Map();
const states = { running: 'running', finished: 'finished', stopped: 'stopped', failed: 'failed', crashed: 'failed', unknown: '' };
let order = [];
let sorting = { column: null, down: false };
const hidden = new Set();

const main = ['dev', 'verdict/correct_share', 'reward/total', 'loss/nll', 'kl/k1_sequence', 'policy/entropy', 'rollout/length_mean', 'rollout/truncated_share',
  'value/explained_variance', 'optimizer/gradient_norm', 'optimizer/learning_rate', 'speed/new_tokens_per_s', 'speed/trained_tokens_per_s'];
const titles = { dev: 'Strict accuracy on dev', 'verdict/correct_share': 'Correct rollouts', 'reward/total': 'Reward', 'loss/nll': 'Loss a token',
  'kl/k1_sequence': 'KL of a sequence', 'policy/entropy': 'Entropy', 'rollout/length_mean': 'Response length', 'rollout/truncated_share': 'Truncated',
  'value/explained_variance': 'Explained variance of values', 'optimizer/gradient_norm': 'Gradient norm', 'optimizer/learning_rate': 'Learning rate',
  'speed/new_tokens_per_s': 'New tokens a second', 'speed/trained_tokens_per_s': 'Trained tokens a second' };
const isShare = figure => figure === 'dev' || /_share$/.test(figure);

// A run's color is that of its place when it was first seen, so it does not change when others come.
const places = new Map();
const placeOfRun = name => places.get(name) ?? (places.set(name, places.size), places.size - 1);
const colorOf = name => `s${placeOfRun(name) % colors + 1}`;
const isDashed = name => Math.floor(placeOfRun(name) / colors) % 2 === 1;

const ago = at => {
  const seconds = (Date.now() - Date.parse(at)) / 1000;
  return !Number.isFinite(seconds) ? none : seconds < 90 ? `${Math.max(0, Math.round(seconds))} s ago` : seconds < 5400 ? `${Math.round(seconds / 60)} min ago`
    : seconds < 172800 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86400)} d ago`;
};
const best = run => run.dev.reduce((top, point) => top === null || point.accuracy.value > top.accuracy.value ? point : top, null);
const lastDev = run => run.dev.at(-1)?.accuracy.value;
const figure = name => run => run.last[name];

// Id, head, what is sorted by, what is shown.
const columns = [
  ['run', 'Run', run => run.name, run => el('a', { href: `run?name=${encodeURIComponent(run.name)}` }, run.name)],
  ['state', 'State', run => run.state, run => [el('span', { class: `state ${states[run.state] ?? ''}`, title: run.why ?? null }, run.state),
    run.wentOnFrom === undefined ? '' : el('span', { class: 'hint' }, ` went on from ${run.wentOnFrom}`), run.alarms ? el('span', { class: 'hint' }, ` · ${run.alarms} alarm${run.alarms === 1 ? '' : 's'}`) : '']],
  ['method', 'Method', run => run.method ?? '', run => run.method ?? none],
  ['steps', 'Step', run => run.steps, run => run.of ? `${run.steps} of ${run.of}` : String(run.steps)],
  ['dev', 'Dev', lastDev, run => share(lastDev(run))],
  ['best', 'Best dev', run => best(run)?.accuracy.value, run => best(run) ? `${share(best(run).accuracy.value)} at ${best(run).step}` : none],
  ['test', 'Test', run => run.test?.value, run => share(run.test?.value)],
  ['correct', 'Correct', figure('verdict/correct_share'), run => share(run.last['verdict/correct_share'])],
  ['reward', 'Reward', figure('reward/total'), run => number(run.last['reward/total'])],
  ['kl', 'KL', figure('kl/k1_sequence'), run => number(run.last['kl/k1_sequence'])],
  ['loss', 'Loss', figure('loss/nll'), run => number(run.last['loss/nll'])],
  ['speed', 'Tokens/s', run => run.last['speed/new_tokens_per_s'] ?? run.last['speed/trained_tokens_per_s'], run => number(run.last['speed/new_tokens_per_s'] ?? run.last['speed/trained_tokens_per_s'])],
  ['at', 'Last step', run => -Date.parse(run.at ?? 0), run => ago(run.at)],
];

const headCells = columns.map(([id, title]) => el('th', { scope: 'col', 'aria-sort': 'none', 'data-column': id },
  el('button', { type: 'button', onclick: () => sortBy(id) }, title)));
const body = el('tbody');
const rows = new Map();
const pulse = el('span', { class: 'state pulse', role: 'status' }, 'connecting');
const waiting = empty('No run yet. This page shows each as soon as it is there.');
const table = el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Runs' }, el('table', { class: 'evaluations runs' },
  el('thead', {}, el('tr', {}, el('th', {}, ''), ...headCells)), body));

function sortBy(id) {
  sorting = { column: id, down: sorting.column === id ? !sorting.down : !['run', 'state', 'method'].includes(id) };
  columns.forEach(([column], i) => headCells[i].setAttribute('aria-sort', column !== id ? 'none' : sorting.down ? 'descending' : 'ascending'));
  arrange();
}

// Runs without a value come last in either direction; equals keep their order.
function arrange() {
  const key = columns.find(([id]) => id === sorting.column)?.[2];
  const shown = order.map((name, i) => [key?.(heads.get(name)), i, name]);
  const isGap = value => value === undefined || value === null || Number.isNaN(value);
  if (key) shown.sort(([a, i], [b, j]) => isGap(a) - isGap(b) || (isGap(a) ? 0 : (a < b ? -1 : a > b ? 1 : 0) * (sorting.down ? -1 : 1)) || i - j);
  // Moved only where the order changed: a row that has the focus keeps it.
  shown.forEach(([, , name], i) => { const row = rows.get(name).row; if (body.children[i] !== row) body.insertBefore(row, body.children[i] ?? null); });
}

function rowOfRun(name) {
  const box = el('input', { type: 'checkbox', checked: true, 'aria-label': `Draw ${name}`,
    onchange: () => { if (box.checked) hidden.delete(name); else hidden.add(name); redraw(); } });
  const cells = columns.map(([id]) => el('td', { 'data-column': id }));
  const row = el('tr', { 'data-run': name }, el('td', { class: 'pick' }, el('label', {}, box, el('i', { class: `key ${colorOf(name)}${isDashed(name) ? ' dashed' : ''}` }))), ...cells);
  return { row, cells };
}

function fillRow(name) {
  const { cells } = rows.get(name);
  columns.forEach(([, , , show], i) => cells[i].replaceChildren(...[show(heads.get(name))].flat()));
}

function seriesOf(name, figure) {
  const run = heads.get(name);
  const look = { name: figure, label: name, color: colorOf(name), dashed: isDashed(name) };
  if (figure === 'dev') {
    const points = run.dev;
    return points.length === 0 ? null : { ...look, dots: true, x: points.map(point => point.step), to: points.map(point => point.step),
      y: points.map(point => point.accuracy.value), low: points.map(point => point.accuracy.low), high: points.map(point => point.accuracy.high) };
  }
  const file = run.curves.find(file => file.figures[figure]);
  const y = file?.figures[figure];
  if (!y?.some(value => value !== null)) return null;
  return { ...look, x: file.from, to: file.to ?? file.from, y };
}

const figures = new Map();
const chartsBox = el('div', { class: 'charts n3' });
let showsAll = false;

function redraw() {
  const shown = order.filter(name => !hidden.has(name));
  const known = new Set(shown.flatMap(name => heads.get(name).curves.flatMap(file => Object.keys(file.figures))));
  const wanted = [...main, ...showsAll ? [...known].filter(name => !main.includes(name) && name !== 'epoch').sort() : []];
  const steps = shown.flatMap(name => { const { curves, dev } = heads.get(name); return [...curves.flatMap(file => [file.from[0], (file.to ?? file.from).at(-1)]), ...dev.map(point => point.step)]; })
    .filter(step => step !== undefined);
  if (steps.length) {
    const wasAll = view.from <= view.first && view.to >= view.last;
    [view.first, view.last] = [Math.min(...steps), Math.max(...steps)];
    if (view.first === view.last) view.last++;
    if (wasAll) [view.from, view.to] = [view.first, view.last];
  }
  for (const name of wanted) {
    const series = shown.map(run => seriesOf(run, name)).filter(line => line);
    let entry = figures.get(name);
    if (!entry) {
      if (series.length === 0) continue;
      const unit = isShare(name) ? 'share' : undefined;
      const element = makeChart({ title: titles[name] ?? name, note: name === 'dev' ? 'greedy, with 95% intervals' : titles[name] ? name : '', unit, series });
      entry = { element, chart: charts.at(-1) };
      figures.set(name, entry);
    }
    entry.chart.spec.series = series;
    legend(entry.chart);
    if (entry.element.parentNode !== chartsBox) chartsBox.append(entry.element);
    entry.element.hidden = series.length === 0;
  }
  for (const [name, { element }] of figures) if (!wanted.includes(name)) element.hidden = true;
  // The read-out's steps are those of the longest run.
  data.curves = shown.map(name => heads.get(name).curves[0]).filter(file => file).sort((a, b) => (b.from.at(-1) ?? 0) - (a.from.at(-1) ?? 0));
  charts.forEach(draw);
  setCursor(view.cursor);
}

function take({ order: names, runs: changed }) {
  order = names;
  for (const run of changed) heads.set(run.name, run);
  for (const name of names) {
    if (!rows.has(name)) rows.set(name, rowOfRun(name));
  }
  for (const name of [...rows.keys()].filter(name => !names.includes(name))) {
    rows.get(name).row.remove();
    rows.delete(name);
    heads.delete(name);
  }
  changed.forEach(run => fillRow(run.name));
  columns.forEach(([id, , key], i) => {
    const isEmpty = !names.some(name => { const value = key(heads.get(name)); return value !== undefined && value !== null && value !== ''; });
    for (const cell of [headCells[i], ...[...rows.values()].map(row => row.cells[i])]) cell.hidden = isEmpty && !['run', 'state', 'steps'].includes(id);
  });
  waiting.hidden = names.length > 0;
  table.hidden = names.length === 0;
  arrange();
  redraw();
}

const smoothing = choice('Smoothing', [[0, 'off'], [0.8, 'some'], [0.95, 'strong']], 0, value => { view.smoothing = value; charts.forEach(draw); });
const everything = el('button', { type: 'button', 'aria-pressed': 'false', onclick: () => {
  showsAll = !showsAll;
  everything.setAttribute('aria-pressed', String(showsAll));
  redraw();
} }, 'All figures');
shownCharts = section('curves', 'Curves', el('div', { class: 'tools' }, el('span', { class: 'label' }, 'Smoothing'), smoothing, everything, readout,
  el('span', { class: 'hint' }, 'Drag in a chart to zoom, double-click for all.'), el('button', { type: 'button', class: 'all', onclick: zoomOut }, 'Show all steps')), chartsBox);
shownCharts.classList.add('shown');
document.getElementById('bar').append(...topBar(data.run, [['runs', 'Runs'], ['curves', 'Curves']]));
document.querySelector('.theme').before(pulse);
document.getElementById('main').append(section('runs', 'Runs', waiting, table), shownCharts);
take({ order: data.runs.map(run => run.name), runs: data.runs });
new ResizeObserver(() => charts.forEach(draw)).observe(shownCharts);
setInterval(() => order.forEach(name => { rows.get(name).cells.at(-1).textContent = ago(heads.get(name).at); }), 5000);

const events = new EventSource('events');
events.onopen = () => { pulse.textContent = 'live'; pulse.classList.add('running'); };
events.onerror = () => { pulse.textContent = 'no connection'; pulse.classList.remove('running'); };
events.onmessage = event => take(JSON.parse(event.data));
