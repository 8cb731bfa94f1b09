// A response token by token, coloured by one of its figures.
const modes = {
  advantages: { name: 'advantage', of: c => c.advantages, both: true, note: 'as the policy loss took it' },
  kl: { name: 'KL', of: c => c.kl, both: true, note: 'log π − log π_ref: blue where the policy likes the token more than the reference does' },
  values: { name: 'value', of: c => c.values, both: false, note: 'of the state before the token' },
  surprise: { name: 'probability', of: c => c.logProbs?.map(p => p === null ? null : 1 - Math.exp(p)), both: false, note: 'the stronger, the less probable' },
};
const roles = { H: 'hint', S: 'sampled', F: 'feedback' };
let mode = 'advantages';

function scaleOf(values, both) {
  const known = values.filter(value => value !== null);
  const sizes = known.map(Math.abs).sort((a, b) => a - b);
  // One outlier shall not make all others pale.
  const top = sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * 0.98))] || 1;
  if (both) return { low: -top, high: top, of: value => Math.max(-1, Math.min(1, value / top)) };
  const [low, high] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
  return { low, high, of: value => (value - low) / (high - low || 1) };
}

const tint = part => part < 0 ? `rgb(var(--cold) / ${(0.62 * -part).toFixed(3)})` : `rgb(var(--warm) / ${(0.62 * part).toFixed(3)})`;

function tokenView(completion) {
  const available = Object.keys(modes).filter(name => modes[name].of(completion));
  const texts = completion.pieces ?? completion.ids?.map(id => `⟨${id}⟩`);
  if (!texts || available.length === 0) {
    return el('pre', { class: 'text' }, completion.text ?? '');
  }
  if (!available.includes(mode)) mode = available[0];
  const figures = el('dl', { class: 'figures', 'aria-live': 'polite' });
  const legend = el('div', { class: 'scale' });
  const spans = texts.map((text, i) => el('span', {
    class: `token ${roles[completion.roles?.[i]] ?? ''}`, onpointerenter: () => look(i), onclick: () => look(i),
  }, ...text === '' ? ['·'] : text.split(/(?<=\n)/).flatMap(part => part.endsWith('\n')
    ? [part.slice(0, -1), el('i', { class: 'end', 'aria-hidden': 'true' }, '↵'), '\n'] : [part])));
  let at = -1;
  function look(i) {
    if (at >= 0) spans[at].classList.remove('at');
    at = Math.max(0, Math.min(spans.length - 1, i));
    spans[at].classList.add('at');
    figures.replaceChildren(...figuresOf(completion, texts, at));
  }
  function color() {
    const values = modes[mode].of(completion);
    const scale = scaleOf(values, modes[mode].both);
    spans.forEach((span, i) => { span.style.backgroundColor = values[i] === null ? '' : tint(scale.of(values[i])); });
    legend.replaceChildren(...legendOf(scale));
  }
  color();
  look(0);
  const block = el('div', { class: 'text tokens', tabindex: 0, role: 'group', 'aria-label': 'Tokens; arrow keys move from one to the next',
    onkeydown: event => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) { event.preventDefault(); event.stopPropagation(); look(at + by); spans[at].scrollIntoView({ block: 'nearest' }); }
    } }, ...spans);
  const rest = completion.tokens - texts.length;
  return el('div', { class: 'tokenview' }, completion.pieces ? null : el('pre', { class: 'text' }, completion.text ?? ''),
    el('div', { class: 'tools' }, el('span', { class: 'label' }, 'Colour by'),
      choice('Colour by', available.map(name => [name, modes[name].name]), mode, name => { mode = name; color(); }), legend),
    block, rest > 0 ? el('p', { class: 'flat' }, `${rest} more tokens are in rollouts.jsonl.`) : null, figures);
}

function legendOf(scale) {
  const { both, note } = modes[mode];
  const ends = mode === 'surprise' ? [share(1 - scale.low), share(1 - scale.high)] : [number(scale.low), number(scale.high)];
  return [el('span', {}, ends[0]), el('i', { class: both ? 'both' : 'one' }), el('span', {}, ends[1]), el('span', { class: 'hint' }, note)];
}

function figuresOf(completion, texts, i) {
  const log = completion.logProbs?.[i];
  const kl = completion.kl?.[i];
  const rows = [
    ['token', `${JSON.stringify(texts[i])}, ${i + 1} of ${completion.tokens}${roles[completion.roles?.[i]] ? `, ${roles[completion.roles[i]]}` : ''}`],
    ['probability', log === undefined ? null : share(Math.exp(log))],
    ['log π', log === undefined ? null : number(log)],
    ['reference', kl === undefined ? null : share(Math.exp(log - kl))],
    ['KL', kl === undefined ? null : signed(kl)],
    ['value', completion.values && number(completion.values[i])],
    ['reward', completion.rewards && number(completion.rewards[i])],
    ['advantage', completion.advantages && signed(completion.advantages[i])],
    ['return', completion.returns && number(completion.returns[i])],
  ];
  return rows.filter(([, value]) => value).map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)));
}
