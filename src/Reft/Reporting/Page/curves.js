// The figures of the run by name, each with its own steps.
const names = new Map();
function readCurves() {
  names.clear();
  for (const file of data.curves) {
    for (const [name, figure] of Object.entries(file.figures)) {
      names.set(name, { x: file.from, to: file.to ?? file.from, y: figure.mean, low: figure.low, high: figure.high });
    }
  }
  if (names.has('verdict/correct_share')) derive('speed/new_tokens_per_s', 'rollout/tokens', 'time/rollout_s');
  derive('speed/trained_tokens_per_s', 'mask/loss_tokens', 'time/update_s');
}

// Tokens a second, where the run has the tokens and the seconds of the same steps and no such figure of its own.
function derive(name, tokens, seconds) {
  const [many, time] = [names.get(tokens), names.get(seconds)];
  if (names.has(name) || !many || !time || many.x.length !== time.x.length) return;
  names.set(name, { x: many.x, to: many.to, y: many.y.map((count, i) => count > 0 && time.y[i] > 0 ? count / time.y[i] : null) });
}
readCurves();

// The mean over the first and the last tenth of a curve.
function endsOf(curve) {
  const size = Math.max(1, Math.floor(curve.y.length / 10));
  return { first: mean(curve.y.slice(0, size).filter(value => value !== null)), last: mean(curve.y.slice(-size).filter(value => value !== null)) };
}

// A line of a chart; null where the run has no such figure. With an error, low and high are ± so much; with bounds, they
// are figures of their own; per divides into another unit.
function line(name, label, more = {}) {
  const curve = names.get(name);
  if (!curve || !curve.y.some(value => value !== null)) return null;
  const points = { ...curve, name, label, ...more };
  if (more.per) {
    for (const part of ['y', 'low', 'high']) points[part] &&= points[part].map(value => value === null ? null : value / more.per);
  }
  const error = names.get(more.error)?.y;
  if (error) {
    points.low = curve.y.map((value, i) => value === null ? null : value - (error[i] ?? 0));
    points.high = curve.y.map((value, i) => value === null ? null : value + (error[i] ?? 0));
    points.spread = i => ` ± ${number(error[i])}`;
  }
  if (more.bounds?.every(bound => names.has(bound))) {
    [points.low, points.high] = more.bounds.map(bound => names.get(bound).y);
    points.spread = i => ` (${number(points.low[i])} to ${number(points.high[i])})`;
  }
  return points;
}

// Accuracies of one set, with their intervals.
function evaluated(set, way, label, color) {
  const rows = data.evaluations.filter(row => row.set === set && row[way]);
  if (rows.length === 0) return null;
  const scores = rows.map(row => row[way].accuracy);
  return {
    label, color, dots: true, x: rows.map(row => row.step), to: rows.map(row => row.step),
    y: scores.map(score => score.value), low: scores.map(score => score.low), high: scores.map(score => score.high),
    spread: i => ` (${share(scores[i].low)} to ${share(scores[i].high)})`,
  };
}

// An average that forgets, corrected at its start, and a gap where there is no value.
function smooth(values, weight) {
  let [sum, norm] = [0, 0];
  return values.map(value => {
    if (value === null) return null;
    sum = weight * sum + (1 - weight) * value;
    norm = weight * norm + (1 - weight);
    return sum / norm;
  });
}

// The place of the last step that is not behind this one; -1 if all are.
function placeOf(steps, step) {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle + 1; else high = middle;
  }
  return low - 1;
}

const isConstant = curve => curve.y.every(value => value === null || value === curve.y.find(other => other !== null));
