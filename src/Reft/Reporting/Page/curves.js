// The figures of the run by name, each with its own steps.
const names = new Map();
for (const file of data.curves) {
  for (const [name, figure] of Object.entries(file.figures)) {
    names.set(name, { x: file.from, to: file.to ?? file.from, y: figure.mean, low: figure.low, high: figure.high });
  }
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
  const rows = data.evaluations.filter(row => row.set === set && row[way]?.accuracy !== undefined);
  if (rows.length === 0) return null;
  const scores = rows.map(row => row[way]);
  return {
    label, color, dots: true, x: rows.map(row => row.step), to: rows.map(row => row.step),
    y: scores.map(score => score.accuracy),
    low: scores.map(score => score.low ?? null), high: scores.map(score => score.high ?? null),
    spread: i => scores[i].low === undefined ? '' : ` (${share(scores[i].low)} to ${share(scores[i].high)})`,
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
