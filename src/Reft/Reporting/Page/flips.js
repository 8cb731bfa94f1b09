// Dev problems that were right in one evaluation and wrong in another.
const kinds = {
  gained: 'wrong at first, right at last',
  lost: 'right at first, wrong at last',
  wavered: 'as at first in the end, and other between',
};

function flipsSection() {
  const { steps, counts, items } = data.flips;
  if (steps.length < 2) return section('flips', 'Flipped problems', empty('Problems can flip once there are two dev evaluations.'));
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (total === 0) return section('flips', 'Flipped problems', empty('No dev problem changed between right and wrong.'));
  const list = el('div', { class: 'fliplist' });
  const more = el('div', { class: 'pager' });
  let [kind, shown] = ['', 20];
  function show() {
    const found = items.filter(flip => !kind || flip.kind === kind);
    list.replaceChildren(...found.slice(0, shown).map(flip => flipOf(flip, steps)));
    more.replaceChildren(...found.length > shown ? [el('button', { type: 'button', onclick: () => { shown += 40; show(); } },
      `Show more of ${found.length}`)] : []);
  }
  show();
  const options = Object.keys(kinds).filter(name => counts[name] > 0).map(name => [name, `${name} ${counts[name]}`]);
  return section('flips', 'Flipped problems',
    el('p', { class: 'lead' }, `Dev problems whose greedy completion was right in one evaluation and wrong in another, over ${steps.length} evaluations. `
      + Object.entries(kinds).map(([name, text]) => `${name[0].toUpperCase()}${name.slice(1)}: ${text}`).join('. ') + '.'
      + (items.length < total ? ` ${items.length} of ${total} are shown.` : '')),
    el('div', { class: 'tools' }, choice('Kind', [['', `all ${total}`], ...options], '', name => { kind = name; shown = 20; show(); })),
    list, more);
}

function flipOf(flip, steps) {
  const problem = data.problems[flip.problem];
  const marks = [...flip.outcomes].map((letter, i) => {
    const name = outcomes[letters[letter]]?.[1] ?? 'not evaluated';
    return el('i', { class: letters[letter] ?? 'none', title: `step ${steps[i]}: ${name}` });
  });
  const side = (completion, step) => el('div', { class: 'side' },
    el('p', { class: 'line' }, completion ? badge(completion.outcome) : null, ` step ${step}`,
      completion?.answer === undefined ? '' : ` · answer ${excerpt(completion.answer, 40)}`, completion ? ` · ${finish(completion.finish)}` : ''),
    el('pre', { class: 'text' }, completion?.text ?? ''), completion?.detail ? el('p', { class: 'flat' }, completion.detail) : null);
  const details = el('details', { class: 'flip' }, el('summary', {},
    el('span', { class: `kind ${flip.kind}` }, flip.kind),
    el('span', { class: 'strip', role: 'img', 'aria-label': [...flip.outcomes].map((letter, i) =>
      `step ${steps[i]} ${outcomes[letters[letter]]?.[1] ?? 'not evaluated'}`).join(', ') }, ...marks),
    el('code', {}, flip.problem), el('span', { class: 'question' }, excerpt(problem?.question, 140))));
  details.addEventListener('toggle', () => {
    if (!details.open || details.childElementCount > 1) return;
    details.append(el('div', { class: 'inner' }, part('Question', problem?.question),
      problem?.answer ? el('p', { class: 'line' }, 'Gold answer ', el('b', {}, problem.answer)) : null,
      el('div', { class: 'sides' }, side(flip.former, steps[flip.before]), side(flip.latter, steps[flip.after]))));
  });
  return details;
}
