/**
 * Devices check one another: the first step of the user's program must give the same everywhere.
 *
 * Where two disagree, each is asked about itself: a gradient must be the slope of the loss it belongs to. Along the
 * direction in which their gradients differ most, at most one of two can be.
 */
import type { DeviceInfo } from "../backend.js";
import type { FirstStep } from "./own-program.js";

export interface Witness {
  readonly name: string;
  readonly kind: DeviceInfo["kind"];
  readonly first: FirstStep;
  slope(direction: readonly Float64Array[], distance: number): Promise<number>;
}

/**
 * Relative to the loss; to a gradient's Euclidean length, since a pool's winner or a relu may flip on a near-tie; and
 * to the length of all gradients together: that of a bias before a batch normalisation is nothing but rounding.
 */
const LOSS_TOLERANCE = 1e-3;
const VALUE_TOLERANCE = 0.1;
const NOISE_TOLERANCE = 1e-4;

/** A central difference may be off by this share of what the two gradients differ by. */
const SLOPE_TOLERANCE = 0.4;

/** When it is word against word. The plainer the arithmetic, the likelier it is right. */
const TRUST: readonly DeviceInfo["kind"][] = ["cpu", "wasm", "gpu", "software-gpu"];

/** @returns for each witness what speaks against it, or undefined @throws as `slope` */
export async function disagreements(
  witnesses: readonly Witness[],
): Promise<readonly (string | undefined)[]> {
  const against = new Map<Witness, string>();
  for (const [index, one] of witnesses.entries()) {
    for (const other of witnesses.slice(index + 1)) {
      const found = difference(one.first, other.first);
      if (found === undefined) continue;
      const doubts = await doubtsOf(one, other);
      for (const [witness, doubtful] of [
        [one, doubts[0]],
        [other, doubts[1]],
      ] as const) {
        if (doubtful) against.set(witness, `its gradient is not the slope of its loss; ${found}`);
      }
    }
  }
  const honest = witnesses.filter((witness) => !against.has(witness));
  const agreeing = (one: Witness) =>
    honest.filter((other) => difference(one.first, other.first) === undefined).length;
  const trusted = [...honest].sort(
    (a, b) => agreeing(b) - agreeing(a) || TRUST.indexOf(a.kind) - TRUST.indexOf(b.kind),
  )[0];
  for (const witness of honest) {
    const found = trusted && difference(witness.first, trusted.first);
    if (found) against.set(witness, `disagrees with ${trusted.name}: ${found}`);
  }
  return witnesses.map((witness) => {
    const found = against.get(witness);
    return found && `the first step of this program: ${found}`;
  });
}

/**
 * Whose gradient is not the slope of the own loss, judged one weight at a time; nobody's where that
 * cannot be told.
 */
async function doubtsOf(one: Witness, other: Witness): Promise<readonly [boolean, boolean]> {
  const { loss } = other.first;
  const doubts: [boolean, boolean] = [false, false];
  if (!Number.isFinite(loss)) return doubts;
  const whole = Math.hypot(...other.first.values.map(({ data }) => lengthOf(data)));
  for (const [tensor, { data }] of one.first.values.entries()) {
    const there = other.first.values[tensor]?.data ?? data;
    const apart = differenceOf(data, there);
    const length = lengthOf(apart);
    if (!(length > toleranceOf(there, whole)) || !Number.isFinite(length)) continue;
    const along = apart.map((value) => value / length);
    const direction = one.first.values.map((value, index) =>
      index === tensor ? along : new Float64Array(value.data.length),
    );
    const distance = Math.min(0.05, (0.01 * Math.abs(loss)) / length);
    for (const [index, witness] of [one, other].entries()) {
      const slope = await witness.slope(direction, distance);
      const gradient = inner(index === 0 ? data : there, along);
      if (!(Math.abs(slope - gradient) <= SLOPE_TOLERANCE * length)) doubts[index] = true;
    }
  }
  return doubts;
}

function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
  return sum;
}

/** What differs, as the end of a sentence. */
function difference(one: FirstStep, other: FirstStep): string | undefined {
  const both = Number.isFinite(one.loss) && Number.isFinite(other.loss);
  if (both && Math.abs(one.loss - other.loss) > LOSS_TOLERANCE * Math.abs(other.loss)) {
    return `the loss is ${text(one.loss)}, there ${text(other.loss)}`;
  }
  if (!both && Number.isFinite(one.loss) !== Number.isFinite(other.loss)) {
    return `the loss is ${one.loss}, there ${other.loss}`;
  }
  const whole = Math.hypot(...other.values.map(({ data }) => lengthOf(data)));
  for (const [index, { label, data }] of one.values.entries()) {
    const there = other.values[index]?.data;
    if (there === undefined) continue;
    const at = data.findIndex(
      (value, element) => Number.isNaN(value) !== Number.isNaN(there[element]),
    );
    if (at >= 0) return `${label} holds ${data[at]}, there ${there[at]}`;
    const apart = lengthOf(differenceOf(data, there));
    if (apart > toleranceOf(there, whole)) {
      return `${label} differs by ${text((100 * apart) / lengthOf(there))} % of its length`;
    }
  }
  return undefined;
}

/** How far apart two tensors may be: by their own length, or where that is next to nothing, by that of all. */
function toleranceOf(values: ArrayLike<number>, whole: number): number {
  return VALUE_TOLERANCE * lengthOf(values) + NOISE_TOLERANCE * whole;
}

function differenceOf(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  return Float64Array.from(a, (value, at) => value - Number(b[at]));
}

/** Euclidean; NaN counts for nothing, since both have it in the same places or are told apart by it. */
function lengthOf(values: ArrayLike<number>): number {
  let squares = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    if (!Number.isNaN(value)) squares += value * value;
  }
  return Math.sqrt(squares);
}

function text(value: number): string {
  return String(Number(value.toPrecision(3)));
}
