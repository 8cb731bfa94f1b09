// The table of completions: filters, order, pages.
const pageSize = 40;
const meanKl = completion => completion.kl?.length ? completion.kl.reduce((sum, value) => sum + (value ?? 0), 0) : null;

const columns = [
  ['step', 'Step', c => c.step, c => c.step],
  ['problem', 'Problem', c => c.problem, c => el('code', {}, c.problem)],
  ['outcome', 'Outcome', c => Object.keys(outcomes).indexOf(c.outcome), c => badge(c.outcome)],
  ['text', 'Completion', null, c => excerpt(c.text, 160)],
  ['answer', 'Answer', c => c.answer ?? '', c => c.answer === undefined ? none : excerpt(c.answer, 24)],
  ['gold', 'Gold', c => data.problems[c.problem]?.answer ?? '', c => excerpt(data.problems[c.problem]?.answer ?? none, 24)],
  ['tokens', 'Tokens', c => c.tokens ?? -1, c => `${c.tokens ?? none}${c.finish === 'length' ? ' ✂' : ''}`],
  ['reward', 'Reward', c => c.reward ?? -Infinity, c => c.reward === undefined ? none : number(c.reward)],
  ['kl', 'KL', c => meanKl(c) ?? -Infinity, c => meanKl(c) === null ? none : number(meanKl(c))],
];

function completionsSection() {
  const all = data.completions;
  if (all.length === 0) return section('completions', 'Completions', empty(data.shown));
  const distinct = of => [...new Set(all.map(of))].filter(value => value !== undefined);
  const sources = distinct(c => c.from);
  const filter = { from: sources[0], step: '', outcome: '', finish: '', problem: '', text: '' };
  const order = { column: 'step', down: true };
  let [page, found] = [0, []];
  const body = el('tbody');
  const count = el('span', { class: 'hint', 'aria-live': 'polite' });
  const pager = el('div', { class: 'pager' });
  const heads = columns.map(([id, title, key]) => el('th', { scope: 'col', class: `c-${id}` },
    key ? el('button', { type: 'button', onclick: () => sortBy(id) }, title) : title));

  function sortBy(id) {
    order.down = order.column === id ? !order.down : true;
    order.column = id;
    update();
  }

  function update() {
    const text = filter.text.toLowerCase();
    const key = columns.find(([id]) => id === order.column)[2];
    found = all.filter(c => (!filter.from || c.from === filter.from) && (!filter.step || String(c.step) === filter.step)
      && (!filter.outcome || c.outcome === filter.outcome) && (!filter.finish || c.finish === filter.finish)
      && (!filter.problem || c.problem.toLowerCase().includes(filter.problem.toLowerCase()))
      && (!text || (c.text ?? '').toLowerCase().includes(text)
        || (data.problems[c.problem]?.question ?? '').toLowerCase().includes(text)));
    const keyed = found.map((c, i) => [key(c), i, c]);
    keyed.sort(([a, i], [b, j]) => (a < b ? -1 : a > b ? 1 : 0) * (order.down ? -1 : 1) || i - j);
    found = keyed.map(([, , c]) => c);
    columns.forEach(([id], i) => heads[i].setAttribute('aria-sort', order.column !== id ? 'none' : order.down ? 'descending' : 'ascending'));
    page = 0;
    show();
  }

  function show() {
    const pages = Math.max(1, Math.ceil(found.length / pageSize));
    body.replaceChildren(...found.slice(page * pageSize, (page + 1) * pageSize).map((c, i) => row(c, page * pageSize + i)));
    if (found.length === 0) body.append(el('tr', {}, el('td', { colspan: columns.length }, 'No completion passes these filters.')));
    count.textContent = `${found.length.toLocaleString('en')} of ${all.length.toLocaleString('en')}`;
    const turn = (by, text) => el('button', { type: 'button', disabled: page + by < 0 || page + by >= pages,
      onclick: () => { page += by; show(); } }, text);
    pager.replaceChildren(turn(-1, '‹ Previous'), el('span', { class: 'hint' }, `page ${page + 1} of ${pages}`), turn(1, 'Next ›'));
  }

  function row(completion, place) {
    const open = () => openDetail(found, place);
    return el('tr', { onclick: open }, ...columns.map(([id, title, , cell], i) => el('td', { class: `c-${id}`, 'data-title': title },
      i === 0 ? el('button', { type: 'button', class: 'open', 'aria-label': `Open step ${completion.step}, ${completion.problem}`,
        onclick: event => { event.stopPropagation(); open(); } }, cell(completion)) : cell(completion))));
  }

  const box = (label, name) => el('input', { type: 'search', placeholder: label, 'aria-label': label,
    oninput: event => { filter[name] = event.target.value; update(); } });
  const list = (label, name, options) => options.length < 2 ? null
    : select(label, [['', label], ...options], value => { filter[name] = value; update(); });
  const tools = el('div', { class: 'tools filters' },
    box('Search text', 'text'), box('Problem id', 'problem'),
    sources.length < 2 ? null : select('From', [...sources.map(from => [from, from === 'dev' ? 'dev evaluation' : 'rollouts']), ['', 'rollouts and dev']],
      value => { filter.from = value; update(); }),
    list('All steps', 'step', distinct(c => c.step).sort((a, b) => b - a).map(step => [String(step), `step ${step}`])),
    list('All outcomes', 'outcome', Object.keys(outcomes).filter(name => all.some(c => c.outcome === name)).map(name => [name, outcomes[name][1]])),
    list('However ended', 'finish', distinct(c => c.finish).map(name => [name, finish(name)])),
    el('span', { class: 'narrow' }, select('Sort by', columns.filter(([, , key]) => key).map(([id, title]) => [id, `by ${title.toLowerCase()}`]),
      id => { order.column = id; order.down = true; update(); })), count);
  update();
  return section('completions', 'Completions', el('p', { class: 'lead' }, data.shown), tools,
    el('table', { class: 'completions' }, el('thead', {}, el('tr', {}, ...heads)), body), pager,
    data.prompt ? el('details', {}, el('summary', {}, 'A prompt as the model sees it'), el('pre', { class: 'text' }, data.prompt)) : null);
}
