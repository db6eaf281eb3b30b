/** What the table of optimizers (optimizer.ts) is made of: options that are checked, and an update as an expression. */
import { HoneError } from "../errors.js";
import { valueText } from "../value-text.js";
import type { Value } from "./formula.js";

/** One option: its value unless given, and which values it takes. */
export interface Option<T extends number | boolean> {
  readonly unless: T;
  /** @throws BadArgument */
  check(where: string, name: string, value: unknown): T;
}

/** A number for which `fits` holds. @param range what to give, after "Give a number" */
export function number(
  unless: number,
  fits: (value: number) => boolean,
  range: string,
): Option<number> {
  return { unless, check: (where, name, value) => numberIn(where, name, value, fits, range) };
}

/** @throws BadArgument unless `value` is a finite number for which `fits` holds */
export function numberIn(
  where: string,
  name: string,
  value: unknown,
  fits: (value: number) => boolean,
  range: string,
): number {
  if (typeof value === "number" && Number.isFinite(value) && fits(value)) return value;
  throw new HoneError(
    "BadArgument",
    where,
    `${name} is ${valueText(value)}. Give a number ${range}.`,
  );
}

/** A share of the past that is kept from step to step. */
export const share = (unless: number) =>
  number(unless, (value) => value >= 0 && value < 1, "from 0 up to, but not, 1");
export const above0 = (unless: number) => number(unless, (value) => value > 0, "above 0");
export const atLeast0 = (unless: number) => number(unless, (value) => value >= 0, "from 0 on");

export function flag(unless: boolean): Option<boolean> {
  return {
    unless,
    check: (where, name, value) => {
      if (typeof value === "boolean") return value;
      throw new HoneError(
        "BadArgument",
        where,
        `${name} is ${valueText(value)}. Give true or false.`,
      );
    },
  };
}

export type OptionTable = Readonly<Record<string, Option<number> | Option<boolean>>>;
export type OptionValues<O extends OptionTable> = {
  readonly [Name in keyof O]: O[Name] extends Option<boolean> ? boolean : number;
};

/** What an update is made from; `rate` and `corrections` are the same for all elements. */
export interface UpdateTerms<O extends OptionTable, Slot extends string, Column extends string> {
  readonly parameter: Value;
  /** Clipped already, and with L2 decay added. */
  readonly gradient: Value;
  /** What is kept of the step before. */
  readonly slots: Readonly<Record<Slot, Value>>;
  readonly rate: Value;
  readonly corrections: Readonly<Record<Column, Value>>;
  readonly options: OptionValues<O>;
}

export interface Update<Slot extends string> {
  /** What is taken from the parameter. */
  readonly change: Value;
  /** What is kept of this step. */
  readonly slots?: Readonly<Partial<Record<Slot, Value>>>;
}

/** One optimizer. */
export interface OptimizerRule<
  O extends OptionTable = OptionTable,
  Slot extends string = never,
  Column extends string = never,
> {
  /** Unless given: as tf.train has it, where tfjs has the optimizer. */
  readonly learningRate: number;
  readonly options: O;
  /** Decay unless given, taken from the parameter as rate · decay · parameter. Others add it to the gradient (L2). */
  readonly decoupledDecay?: number;
  /** Values for each parameter that are kept from step to step; 0 before the first. */
  readonly slots?: readonly Slot[];
  /** Whether these options need the slot; all are needed unless said. */
  keeps?(slot: Slot, options: OptionValues<O>): boolean;
  /** Numbers of a step (from 0) beside its learning rate, computed in double precision by the host. */
  readonly corrections?: Readonly<
    Record<Column, (options: OptionValues<O>, step: number) => number>
  >;
  update(terms: UpdateTerms<O, Slot, Column>): Update<Slot>;
}

/** Infers the types of an entry. */
export function rule<
  O extends OptionTable,
  Slot extends string = never,
  Column extends string = never,
>(made: OptimizerRule<O, Slot, Column>): OptimizerRule<O, Slot, Column> {
  return made;
}

/** Below this a mean becomes 0: arithmetic on denormal numbers takes many times as long. */
const SMALLEST_MEAN = 1e-30;

/** keep · mean + (1 − keep) · value, without denormals. */
export function movingMean(mean: Value, value: Value, keep: number): Value {
  return flushed(mean.times(keep).plus(value.times(1 - keep)));
}

/** 0 for what is smaller than anything that matters. */
export function flushed(value: Value): Value {
  return value.absolute().below(SMALLEST_MEAN, 0, value);
}
