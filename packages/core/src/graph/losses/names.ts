/** The losses by name: those of tfjs and their aliases, and the few it lacks, with the options of each. */
import { HoneError } from "../../errors.js";

/** The fourteen of tfjs's `lossesMap`, then those that tfjs has no name for. */
export const LOSS_NAMES = [
  "meanSquaredError",
  "meanAbsoluteError",
  "meanAbsolutePercentageError",
  "meanSquaredLogarithmicError",
  "squaredHinge",
  "hinge",
  "categoricalHinge",
  "logcosh",
  "categoricalCrossentropy",
  "sparseCategoricalCrossentropy",
  "binaryCrossentropy",
  "kullbackLeiblerDivergence",
  "poisson",
  "cosineProximity",
  "huber",
  "categoricalFocalCrossentropy",
  "binaryFocalCrossentropy",
] as const;
/** The losses that have names; core's guide lists them. */
export type LossName = (typeof LOSS_NAMES)[number];

/** A loss as plain data: its canonical name and the options that are not as they are by default. */
export interface NamedLoss {
  readonly name: LossName;
  readonly [option: string]: number | boolean | string;
}

const ALIASES: Readonly<Record<string, LossName>> = {
  mse: "meanSquaredError",
  MSE: "meanSquaredError",
  mae: "meanAbsoluteError",
  MAE: "meanAbsoluteError",
  mape: "meanAbsolutePercentageError",
  MAPE: "meanAbsolutePercentageError",
  msle: "meanSquaredLogarithmicError",
  MSLE: "meanSquaredLogarithmicError",
  kld: "kullbackLeiblerDivergence",
  KLD: "kullbackLeiblerDivergence",
  cosine: "cosineProximity",
};

/** An option's value unless it is given, and what it may be. */
export interface OptionRule {
  readonly otherwise: number | boolean;
  readonly allowed: string;
  readonly fits: (value: unknown) => boolean;
}
export type OptionRules = Readonly<Record<string, OptionRule>>;

const isNumber = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value);

const fromLogits: OptionRule = {
  otherwise: false,
  allowed: "true or false",
  fits: (value) => typeof value === "boolean",
};
const labelSmoothing: OptionRule = {
  otherwise: 0,
  allowed: "a number from 0 to less than 1",
  fits: (value) => isNumber(value) && value >= 0 && value < 1,
};
const delta: OptionRule = {
  otherwise: 1,
  allowed: "a number above 0",
  fits: (value) => isNumber(value) && value > 0,
};
const gamma: OptionRule = {
  otherwise: 2,
  allowed: "a number of at least 0",
  fits: (value) => isNumber(value) && value >= 0,
};
const share = (otherwise: number): OptionRule => ({
  otherwise,
  allowed: "a number from 0 to 1",
  fits: (value) => isNumber(value) && value >= 0 && value <= 1,
});
/** What `alpha` is when the classes are not balanced. */
export const UNBALANCED = -1;

const OPTIONS: Readonly<Partial<Record<LossName, OptionRules>>> = {
  categoricalCrossentropy: { fromLogits, labelSmoothing },
  sparseCategoricalCrossentropy: { fromLogits, labelSmoothing },
  binaryCrossentropy: { fromLogits, labelSmoothing },
  huber: { delta },
  categoricalFocalCrossentropy: { fromLogits, labelSmoothing, gamma, alpha: share(0.25) },
  binaryFocalCrossentropy: { fromLogits, labelSmoothing, gamma, alpha: share(UNBALANCED) },
};

const isLossName = (name: string): name is LossName => LOSS_NAMES.some((known) => known === name);

/** The canonical name for a name or alias of tfjs. */
export function lossNameOf(name: string): LossName | undefined {
  if (isLossName(name)) return name;
  return Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined;
}

/**
 * The canonical loss for a name or alias of tfjs, or for a record of a name and options; undefined when
 * there is none of that name.
 * @throws BadArgument for an option the loss does not have, or a value it may not take
 */
export function lossOf(given: unknown): NamedLoss | undefined {
  if (typeof given === "string") {
    const name = lossNameOf(given);
    return name && { name };
  }
  if (typeof given !== "object" || given === null || !("name" in given)) return undefined;
  const { name: title, ...options } = given as Readonly<Record<string, unknown>>;
  const name = typeof title === "string" ? lossNameOf(title) : undefined;
  if (name === undefined) return undefined;
  return { name, ...checkedOptions(`loss ${name}`, OPTIONS[name] ?? {}, options) };
}

/** Those of `options` that say other than the rules' defaults. @throws BadArgument */
export function checkedOptions(
  where: string,
  rules: OptionRules,
  options: Readonly<Record<string, unknown>>,
): Record<string, number | boolean> {
  const found: Record<string, number | boolean> = {};
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const rule = Object.hasOwn(rules, option) ? rules[option] : undefined;
    if (!rule) {
      const known = Object.keys(rules);
      const advice = known.length > 0 ? `Choose from ${known.join(", ")}` : "Leave it out";
      throw new HoneError("BadArgument", where, `it has no option "${option}". ${advice}.`);
    }
    if (!rule.fits(value)) {
      const what = `its option ${option} is ${String(value)}. Give ${rule.allowed}.`;
      throw new HoneError("BadArgument", where, what);
    }
    if (value !== rule.otherwise) found[option] = value as number | boolean;
  }
  return found;
}

/** A numeric option of a loss, or its default. */
export function numberOption(loss: NamedLoss, option: string): number {
  const value = loss[option] ?? OPTIONS[loss.name]?.[option]?.otherwise;
  return Number(value);
}

/** An option of a loss that is on or off. */
export function isOn(loss: NamedLoss, option: string): boolean {
  return loss[option] === true;
}
