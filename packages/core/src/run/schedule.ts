/**
 * Learning rates over a training, as data: what `fit` takes as `learningRate`, and what a checkpoint can hold.
 *
 * A length is given in `steps` or in `epochs`, which need not be whole. Steps count from 0.
 */
import { HoneError } from "../errors.js";
import { numberIn } from "../graph/optimizer-rule.js";
import { valueText } from "../value-text.js";
import { wholeNumber } from "./whole-number.js";

/** One of the two. */
export interface Length {
  readonly epochs?: number;
  readonly steps?: number;
}

export interface StepDecay extends Length {
  readonly kind: "step";
  readonly start: number;
  readonly factor: number;
}
export interface ExponentialDecay extends Length {
  readonly kind: "exponential";
  readonly start: number;
  readonly factor: number;
}
export interface CosineDecay extends Length {
  readonly kind: "cosine";
  readonly start: number;
  readonly end: number;
  /** How many times as long as the one before each further period is; without it the rate stays at the end. */
  readonly restarts?: number;
}
export interface WarmUp extends Length {
  readonly kind: "warmUp";
  /** Rate of the first step, as a share of the one that is risen to. */
  readonly start: number;
  readonly schedule: Schedule;
}
/** A learning rate that rises and falls once, with all that it was asked for. */
export interface OneCycle extends Required<OneCycleOptions> {
  readonly kind: "oneCycle";
}
/** A learning rate that changes at given steps. */
export interface Piecewise {
  readonly kind: "piecewise";
  readonly boundaries: readonly number[];
  /** One more than boundaries. */
  readonly rates: readonly number[];
  readonly unit: "epochs" | "steps";
}
export interface Cyclic extends Length {
  readonly kind: "cyclic";
  readonly low: number;
  readonly high: number;
  /** What the distance from low to high is multiplied by after each cycle. */
  readonly factor: number;
}

/** A learning rate for each step, as plain data. */
export type Schedule =
  | { readonly kind: "constant"; readonly rate: number }
  | StepDecay
  | ExponentialDecay
  | CosineDecay
  | WarmUp
  | OneCycle
  | Piecewise
  | Cyclic;

/** Learning rate of a step, which counts from 0 over all epochs. */
export type RateFunction = (step: number, stepsPerEpoch: number) => number;

/** What `oneCycle` takes. */
export interface OneCycleOptions {
  /** The highest learning rate. */
  readonly peak: number;
  /** Epochs of the whole cycle; as many as `fit` is given. */
  readonly epochs: number;
  /** Share of the steps after which the peak is reached; 0.25 unless given. */
  readonly warmUp?: number;
  /** Learning rate of the first step, as a share of the peak; 0.04 unless given. */
  readonly start?: number;
  /** Learning rate of the last step, as a share of the peak; 0.0001 unless given. */
  readonly end?: number;
  /** The way down: along half a cosine, or straight; `cosine` unless given. */
  readonly fall?: "cosine" | "linear";
}

const above0 = (where: string, name: string, value: unknown) =>
  numberIn(where, name, value, (number) => number > 0, "above 0");
const atLeast0 = (where: string, name: string, value: unknown) =>
  numberIn(where, name, value, (number) => number >= 0, "from 0 on");
const share = (where: string, name: string, value: unknown) =>
  numberIn(where, name, value, (number) => number >= 0 && number <= 1, "from 0 to 1");

function checkNames(where: string, given: object, known: readonly string[]): void {
  if (typeof given !== "object" || given === null) {
    throw new HoneError("BadArgument", where, `it was given ${valueText(given)}. Give an object.`);
  }
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const what = `there is no option "${name}". It takes ${known.join(", ")}.`;
    throw new HoneError("BadArgument", where, what);
  }
}

const LENGTH = ["epochs", "steps"];

function lengthOf(where: string, { epochs, steps }: Length): Length {
  if ((epochs === undefined) === (steps === undefined)) {
    const what = `epochs is ${valueText(epochs)} and steps is ${valueText(steps)}. Give one of them.`;
    throw new HoneError("BadArgument", where, what);
  }
  return epochs === undefined
    ? { steps: above0(where, "steps", steps) }
    : { epochs: above0(where, "epochs", epochs) };
}

function constantRate(rate: number): Schedule {
  return { kind: "constant", rate: atLeast0("constantRate", "the rate", rate) };
}

function stepDecay(options: Omit<StepDecay, "kind">): StepDecay {
  const where = "stepDecay";
  checkNames(where, options, ["start", "factor", ...LENGTH]);
  return {
    kind: "step",
    start: above0(where, "start", options.start),
    factor: above0(where, "factor", options.factor),
    ...lengthOf(where, options),
  };
}

function exponentialDecay(options: Omit<ExponentialDecay, "kind">): ExponentialDecay {
  const where = "exponentialDecay";
  checkNames(where, options, ["start", "factor", ...LENGTH]);
  return {
    kind: "exponential",
    start: above0(where, "start", options.start),
    factor: above0(where, "factor", options.factor),
    ...lengthOf(where, options),
  };
}

function cosineDecay(
  options: Omit<CosineDecay, "kind" | "end"> & Partial<Pick<CosineDecay, "end">>,
): CosineDecay {
  const where = "cosineDecay";
  checkNames(where, options, ["start", "end", "restarts", ...LENGTH]);
  const { start, end = 0, restarts } = options;
  return {
    kind: "cosine",
    start: above0(where, "start", start),
    end: atLeast0(where, "end", end),
    ...(restarts !== undefined && {
      restarts: numberIn(where, "restarts", restarts, (times) => times >= 1, "from 1 on"),
    }),
    ...lengthOf(where, options),
  };
}

function warmUp(
  options: Omit<WarmUp, "kind" | "start" | "schedule"> & {
    readonly start?: number;
    readonly schedule: Schedule | number;
  },
): WarmUp {
  const where = "warmUp";
  checkNames(where, options, ["start", "schedule", ...LENGTH]);
  return {
    kind: "warmUp",
    start: share(where, "start", options.start ?? 0),
    schedule: scheduleOf(options.schedule, where),
    ...lengthOf(where, options),
  };
}

function oneCycle(options: OneCycleOptions): OneCycle {
  const where = "oneCycle";
  checkNames(where, options, ["peak", "epochs", "warmUp", "start", "end", "fall"]);
  const { fall = "cosine" } = options;
  if (fall !== "cosine" && fall !== "linear") {
    const what = `fall is ${valueText(fall)}. Give "cosine" or "linear".`;
    throw new HoneError("BadArgument", where, what);
  }
  return {
    kind: "oneCycle",
    peak: above0(where, "the peak", options.peak),
    epochs: wholeNumber("epochs", options.epochs),
    warmUp: share(where, "warmUp", options.warmUp ?? 0.25),
    start: share(where, "start", options.start ?? 0.04),
    end: share(where, "end", options.end ?? 1e-4),
    fall,
  };
}

function piecewise(
  options: Omit<Piecewise, "kind" | "unit"> & Partial<Pick<Piecewise, "unit">>,
): Piecewise {
  const where = "piecewise";
  checkNames(where, options, ["boundaries", "rates", "unit"]);
  const { boundaries, rates, unit = "epochs" } = options;
  if (unit !== "epochs" && unit !== "steps") {
    throw new HoneError(
      "BadArgument",
      where,
      `unit is ${valueText(unit)}. Give "epochs" or "steps".`,
    );
  }
  if (!Array.isArray(boundaries) || !Array.isArray(rates)) {
    throw new HoneError("BadArgument", where, "boundaries or rates is no list. Give two lists.");
  }
  if (rates.length !== boundaries.length + 1) {
    const what = `there are ${boundaries.length} boundaries and ${rates.length} rates. Give one rate more than boundaries.`;
    throw new HoneError("BadArgument", where, what);
  }
  const rises = (value: number, index: number) => value > (boundaries[index - 1] ?? 0);
  return {
    kind: "piecewise",
    boundaries: boundaries.map((value, index) =>
      numberIn(
        where,
        "a boundary",
        value,
        (number) => rises(number, index),
        "above the one before",
      ),
    ),
    rates: rates.map((rate) => atLeast0(where, "a rate", rate)),
    unit,
  };
}

function cyclic(
  options: Omit<Cyclic, "kind" | "factor"> & Partial<Pick<Cyclic, "factor">>,
): Cyclic {
  const where = "cyclic";
  checkNames(where, options, ["low", "high", "factor", ...LENGTH]);
  const low = atLeast0(where, "low", options.low);
  return {
    kind: "cyclic",
    low,
    high: numberIn(where, "high", options.high, (rate) => rate > low, `above low, which is ${low}`),
    factor: above0(where, "factor", options.factor ?? 1),
    ...lengthOf(where, options),
  };
}

/** How many lengths have passed; may be broken. */
function passed({ epochs, steps }: Length, step: number, stepsPerEpoch: number): number {
  return step / (steps ?? (epochs as number) * stepsPerEpoch);
}

const halfCosine = (share: number) => (1 + Math.cos(Math.PI * share)) / 2;

/** The rate of a step that counts from 0. */
export function rateAt(schedule: Schedule, step: number, stepsPerEpoch: number): number {
  switch (schedule.kind) {
    case "constant":
      return schedule.rate;
    case "step":
      return schedule.start * schedule.factor ** Math.floor(passed(schedule, step, stepsPerEpoch));
    case "exponential":
      return schedule.start * schedule.factor ** passed(schedule, step, stepsPerEpoch);
    case "cosine": {
      const { start, end, restarts } = schedule;
      const share = shareOfPeriod(passed(schedule, step, stepsPerEpoch), restarts);
      return end + (start - end) * halfCosine(share);
    }
    case "warmUp": {
      const { start, steps, epochs = 0 } = schedule;
      const length = steps ?? epochs * stepsPerEpoch;
      if (step >= length) return rateAt(schedule.schedule, step - Math.ceil(length), stepsPerEpoch);
      return rateAt(schedule.schedule, 0, stepsPerEpoch) * (start + ((1 - start) * step) / length);
    }
    case "oneCycle":
      return oneCycleRate(schedule, step, stepsPerEpoch);
    case "piecewise": {
      const { boundaries, rates, unit } = schedule;
      const at = unit === "steps" ? step : step / stepsPerEpoch;
      return rates[boundaries.filter((boundary) => boundary <= at).length] as number;
    }
    case "cyclic": {
      const { low, high, factor } = schedule;
      const cycles = passed(schedule, step, stepsPerEpoch);
      const whole = Math.floor(cycles);
      const height = 1 - Math.abs(2 * (cycles - whole) - 1);
      return low + (high - low) * factor ** whole * height;
    }
  }
}

/** True where rates depend on how many steps an epoch has; of a function, where it takes that number. */
export function countsEpochs(given: number | Schedule | RateFunction): boolean {
  if (typeof given === "number") return false;
  if (typeof given === "function") return given.length > 1;
  switch (given.kind) {
    case "constant":
      return false;
    case "warmUp":
      return given.steps === undefined || countsEpochs(given.schedule);
    case "oneCycle":
      return true;
    case "piecewise":
      return given.unit !== "steps";
    default:
      return given.steps === undefined;
  }
}

/** Where in its period a moment lies that is `periods` first periods after the start. */
function shareOfPeriod(periods: number, restarts: number | undefined): number {
  if (restarts === undefined) return Math.min(1, periods);
  let [begin, length] = [0, 1];
  if (restarts === 1) begin = Math.floor(periods);
  else
    while (periods >= begin + length) {
      begin += length;
      length *= restarts;
    }
  return (periods - begin) / length;
}

function oneCycleRate(schedule: OneCycle, step: number, stepsPerEpoch: number): number {
  const { peak, epochs, warmUp: rise, start, end, fall } = schedule;
  const last = epochs * stepsPerEpoch - 1;
  const top = Math.round(rise * last);
  if (step < top) return peak * (start + ((1 - start) * step) / top);
  const fallen = last > top ? Math.min(1, (step - top) / (last - top)) : 0;
  return peak * (end + (1 - end) * (fall === "cosine" ? halfCosine(fallen) : 1 - fallen));
}

const MAKERS: Readonly<Record<Schedule["kind"], (options: never) => Schedule>> = {
  constant: ({ rate }: { rate: number }) => constantRate(rate),
  step: stepDecay,
  exponential: exponentialDecay,
  cosine: cosineDecay,
  warmUp,
  oneCycle,
  piecewise,
  cyclic,
};

/** A schedule of that kind, its options checked. @throws BadArgument */
export function made<Kind extends Schedule["kind"]>(
  kind: Kind,
  options: object,
): Extract<Schedule, { readonly kind: Kind }> {
  return MAKERS[kind](options as never) as never;
}

function scheduleOf(given: unknown, where: string): Schedule {
  if (typeof given === "number") return { kind: "constant", rate: atLeast0(where, "it", given) };
  const { kind, ...options } = (given ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof kind === "string" && Object.hasOwn(MAKERS, kind)) {
    return made(kind as Schedule["kind"], options);
  }
  const shown = kind === undefined ? valueText(given) : `of kind ${valueText(kind)}`;
  const what = `a schedule is ${shown}. Give a number, or one of constantRate, stepDecay, exponentialDecay, cosineDecay, warmUp, oneCycle, piecewise, cyclic.`;
  throw new HoneError("BadArgument", where, what);
}

/**
 * A learning rate as the function it means: a number, a schedule (also one that was JSON), or a function as it is.
 * @throws BadArgument for anything else, and for a schedule's option that does not fit, by name
 */
export function checkedSchedule(given: unknown, where = "learningRate"): RateFunction {
  if (typeof given === "function") return given as RateFunction;
  const schedule = scheduleOf(given, where);
  return (step, stepsPerEpoch) => rateAt(schedule, step, stepsPerEpoch);
}
