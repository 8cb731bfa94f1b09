// How figures are spelled.
const none = '–';
const minus = text => text.replaceAll('-', '−');

function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return none;
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e7)) return minus(value.toExponential(2).replace('e+', 'e'));
  if (size >= 1000) return minus(value.toLocaleString('en', { maximumFractionDigits: 0 }));
  return minus(String(Number(value.toPrecision(3))));
}

const share = value => value === null || value === undefined ? none : `${(100 * value).toFixed(1)}%`;
const mean = list => list.reduce((sum, value) => sum + value, 0) / list.length;
const signed = value => value > 0 ? `+${number(value)}` : number(value);

const units = {
  number,
  share,
  seconds: value => value === null || value === undefined ? none : `${number(value)} s`,
  GiB: value => value === null || value === undefined ? none : `${value.toFixed(2)} GiB`,
};

const outcomes = {
  correct: ['✓', 'correct'],
  incorrect: ['✗', 'incorrect'],
  noAnswer: ['∅', 'no answer'],
  timeout: ['◷', 'timeout'],
  error: ['!', 'error'],
};
const letters = { c: 'correct', i: 'incorrect', n: 'noAnswer', t: 'timeout', e: 'error' };

function badge(outcome) {
  const [sign, name] = outcomes[outcome] ?? ['?', outcome ?? 'not judged'];
  return el('span', { class: `badge ${outcomes[outcome] ? outcome : ''}` },
    el('span', { 'aria-hidden': 'true' }, sign), ` ${name}`);
}

const finishes = { stop: 'stopped', length: 'truncated', promptTooLong: 'prompt too long' };
const finish = value => finishes[value] ?? value ?? none;

// At most so many characters, on one line.
function excerpt(text, length) {
  const line = (text ?? '').replace(/\s+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
