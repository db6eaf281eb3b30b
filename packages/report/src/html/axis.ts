/** What the axes of all charts have in common. */
import { frame, type Markish, type ScaleOptions, text } from "@observablehq/plot";
import { numberText, percentText } from "../numbers.js";
import { chartFontSize } from "./chart.js";

export interface Axis {
  /** With its unit where it has one: "training time (s)". */
  readonly label: string;
  /** Logarithmic axes leave out what is not above zero. */
  readonly scale?: "linear" | "log";
  /** True where values are fractions and to be read in percent; " (%)" is added to the label. */
  readonly percent?: boolean;
  /** How single values are written; `numberText` or `percentText` unless given. */
  readonly text?: (value: number) => string;
  /** Where the axis begins, and ends; by default where the data do. */
  readonly from?: number;
  readonly to?: number;
}

/** The label with the unit that `percent` gives it. */
export function axisLabel({ label, percent }: Axis): string {
  return percent ? `${label} (%)` : label;
}

/** A value as texts in a chart of that axis have it; a dash for NaN. */
export function axisText(value: number, { percent, text }: Axis): string {
  if (Number.isNaN(value)) return "–";
  if (text !== undefined) return text(value);
  return percent ? percentText(value) : numberText(value);
}

/** NaN for what the axis cannot show, which Plot then leaves out. */
export function showable(value: number | undefined, { scale }: Axis): number {
  if (value === undefined || !Number.isFinite(value)) return Number.NaN;
  return scale === "log" && value <= 0 ? Number.NaN : value;
}

/** The least and the largest finite value; `undefined` where there is none. */
export function extentOf(values: Iterable<number>): readonly [number, number] | undefined {
  let [least, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  return least <= largest ? [least, largest] : undefined;
}

/**
 * Plot's options for an axis over these values, with its labels and grid. A linear axis ends at round
 * values, a logarithmic one at 1, 2 or 5 times a power of ten.
 * @param room of a horizontal axis, in pixels: of its labels as many are written as stand apart in it
 */
export function scaleOf(
  axis: Axis,
  values: Iterable<number>,
  room = Number.POSITIVE_INFINITY,
): ScaleOptions {
  const found = extentOf(values);
  const label = axisLabel(axis);
  if (found === undefined)
    return { label, type: axis.scale ?? "linear", domain: [1, 2], ticks: [] };
  const [from, to] = widened(axis.from ?? found[0], axis.to ?? found[1], axis);
  const unit = axis.percent ? 100 : 1;
  const common = { label, grid: true, ...(axis.percent && { percent: true }) };
  if (axis.scale !== "log") {
    const nice = axis.to === undefined;
    const spacing = Number.isFinite(room) ? { tickSpacing: linearSpacing } : {};
    return { ...common, ...spacing, type: "linear", domain: [from * unit, to * unit], nice };
  }
  const ends = axis.from === undefined && axis.to === undefined;
  const [low, high] = ends
    ? [stepBelow(from * unit), stepAbove(to * unit)]
    : [from * unit, to * unit];
  const ticks = apart(logTicks(low, high), room * axisShare(low, high));
  // With a whole base d3 would blank some of these few labels; the base does not move any value.
  return { ...common, type: "log", base: 10.5, domain: [low, high], ticks, tickFormat: logText };
}

/** One value alone would have an axis of no length. */
function widened(from: number, to: number, { scale }: Axis): readonly [number, number] {
  if (from !== to) return [from, to];
  if (scale === "log") return [from / 2, to * 2];
  if (from === 0) return [0, 1];
  const room = Math.abs(from) / 10;
  return [from - room, to + room];
}

const steps = [1, 2, 5] as const;

/** 1, 2 and 5 times the powers of ten around these values, in order; exact as their decimals. */
function stepsAround(low: number, high: number): readonly number[] {
  const [first, last] = [Math.floor(Math.log10(low)) - 1, Math.ceil(Math.log10(high)) + 1];
  return Array.from({ length: last - first + 1 }, (_, index) =>
    steps.map((step) => Number(`${step}e${first + index}`)),
  ).flat();
}

function stepBelow(value: number): number {
  return stepsAround(value, value).findLast((step) => step <= value * (1 + 1e-9)) ?? value;
}

function stepAbove(value: number): number {
  return stepsAround(value, value).find((step) => step >= value * (1 - 1e-9)) ?? value;
}

/**
 * Powers of ten alone where the axis spans more than two; every second or third where it spans many. Long labels get no
 * tick at 2, which stands close to that at 1.
 */
function logTicks(low: number, high: number): number[] {
  const inside = stepsAround(low, high).filter((step) => step >= low && step <= high);
  const powers = inside.filter((step) => /^1(e|0*$)|^0\.0*1$/.test(`${step}`));
  if (powers.length < 3) {
    const long = inside.some((step) => logText(step).length > 5) && inside.length > 3;
    return long ? inside.filter((step) => !`${step}`.startsWith("2")) : inside;
  }
  const every = Math.ceil(powers.length / 8);
  return powers.filter((_, index) => index % every === 0);
}

/** Pixels that a linear axis gives each of its ticks: its labels have seven characters at most. */
const linearSpacing = 52;

/** Pixels for each power of ten, of one pixel for the whole axis. */
function axisShare(low: number, high: number): number {
  return 1 / Math.log10(high / low);
}

/** Every one, or every second, third, … of the ticks, so that no label touches the next. */
function apart(ticks: readonly number[], decade: number): number[] {
  const width = (tick: number) => logText(tick).length * chartFontSize * 0.62 + 8;
  for (let every = 1; every < ticks.length; every++) {
    const some = ticks.filter((_, index) => index % every === 0);
    const fits = some.every((tick, index) => {
      const next = some[index + 1];
      if (next === undefined) return true;
      return Math.log10(next / tick) * decade >= (width(tick) + width(next)) / 2;
    });
    if (fits) return some;
  }
  return ticks.slice(0, 1);
}

function logText(value: number): string {
  if (value >= 1 && value < 1e6) return numberText(value);
  if (value >= 1e-4 && value < 1) return `${value}`;
  return value.toExponential().replace("e+", "e");
}

/** For a chart without a single value: its frame and the words for it. */
export function emptyMarks(): Markish[] {
  return [frame({ strokeOpacity: 0.3 }), text(["no values"], { frameAnchor: "middle" })];
}
