/** What a handful of measurements come to. No means: one disturbed round must not move a figure. */

/** The middle value, or the mean of the two middle ones. */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value below which `share` of the values lie, interpolated between neighbours. */
export function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/** Images per second of the median epoch; the first warms up, and counts only where it is alone. */
export function epochRate(images, epochs) {
  const measured = epochs.length > 1 ? epochs.slice(1) : epochs;
  return images / median(measured.map(({ seconds }) => seconds));
}

/** `{ median, min, max, values }` of what the rounds gave. */
export function summarize(values) {
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    values,
  };
}

/**
 * How many times as fast Hone is: `ofMedians` is the ratio of the two medians, `ofRounds` the median
 * of each round's own ratio, which a slow drift of the machine moves least.
 * @param hone and rival: one figure a round, in the same order; larger is faster
 */
export function compareRounds(hone, rival) {
  const rounds = hone.map((value, index) => value / rival[index]);
  return { ofMedians: median(hone) / median(rival), ofRounds: summarize(rounds) };
}

/** Four digits at most, with thousands apart. */
export function formatNumber(value) {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return value.toPrecision(value >= 1 ? 4 : 3);
}

/** One line of a figure: its name, median, least and most. */
export function formatFigure(name, { median: middle, min, max }, unit) {
  const range = `${formatNumber(min)} to ${formatNumber(max)}`;
  return `${name.padEnd(46)} ${formatNumber(middle).padStart(9)} ${unit}  (${range})`;
}

/** One line of a ratio. */
export function formatRatio(name, { ofMedians, ofRounds }) {
  const range = `${ofRounds.min.toFixed(2)} to ${ofRounds.max.toFixed(2)}`;
  return `${name}: ${ofMedians.toFixed(2)} of medians, ${ofRounds.median.toFixed(2)} median of rounds (${range})`;
}
