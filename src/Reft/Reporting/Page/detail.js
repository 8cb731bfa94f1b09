// One completion in a drawer of its own.
const drawer = el('dialog', { class: 'drawer', 'aria-label': 'Completion', onclick: event => { if (event.target === drawer) drawer.close(); } });

// Opens the completion at a place of a list; the arrow buttons walk through the list.
function openDetail(list, place, by = 1) {
  const completion = list[place];
  const problem = data.problems[completion.problem];
  const step = by => el('button', {
    type: 'button', disabled: !list[place + by], 'data-by': by, 'aria-label': by < 0 ? 'Previous' : 'Next',
    onclick: () => openDetail(list, place + by, by),
  }, by < 0 ? '‹' : '›');
  drawer.onkeydown = event => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && list[place + by] && !event.target.closest('.tokens')) openDetail(list, place + by, by);
  };
  drawer.replaceChildren(el('div', { class: 'inner' },
    el('div', { class: 'head' }, step(-1), step(1), el('span', { class: 'hint' }, `${place + 1} of ${list.length}`),
      el('button', { type: 'button', class: 'close', 'aria-label': 'Close', onclick: () => drawer.close() }, '×')),
    el('h2', {}, completion.problem),
    el('p', { class: 'line' }, badge(completion.outcome), ` ${completion.from === 'dev' ? 'dev evaluation' : 'rollout'}, step ${completion.step}`,
      ` · ${finish(completion.finish)}`, completion.tokens === undefined ? '' : ` · ${completion.tokens} tokens`,
      completion.reward === undefined ? '' : ` · reward ${number(completion.reward)}`),
    part('Question', problem?.question), answers(completion, problem),
    el('h3', {}, 'Completion'), tokenView(completion),
    problem?.solution ? el('details', {}, el('summary', {}, 'Gold solution'), el('pre', { class: 'text' }, problem.solution)) : null));
  if (!drawer.open) drawer.showModal();
  // The button that was pressed is gone; its successor takes the focus, or the other one at the end of the list.
  (drawer.querySelector(`[data-by="${by}"]:enabled`) ?? drawer.querySelector('.head button:enabled')).focus();
  drawer.scrollTop = 0;
}

const part = (title, text) => text ? el('div', {}, el('h3', {}, title), el('p', { class: 'prose' }, text)) : null;

function answers(completion, problem) {
  const rows = [['Gold answer', problem?.answer], ['Extracted answer', completion.answer ?? 'none'], ['Verdict', completion.detail]];
  return el('dl', { class: 'answers' }, ...rows.filter(([, value]) => value).map(([name, value]) =>
    el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}
