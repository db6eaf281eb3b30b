/**
 * Optimizers as data. Each is one entry of the table below: its options, what it keeps, and its update as an
 * expression, which every device computes in one pass over all parameters (op `Map`). Formulas and defaults are
 * those of tfjs (tfjs-core/src/optimizers) where it has the optimizer; moments below 1e-30 become 0.
 */
import { HoneError } from "../errors.js";
import { valueText } from "../value-text.js";
import type { Value } from "./formula.js";
import {
  above0,
  atLeast0,
  flag,
  flushed,
  movingMean,
  numberIn,
  type OptimizerRule,
  type OptionTable,
  type OptionValues,
  rule,
  share,
} from "./optimizer-rule.js";

const adamOptions = { beta1: share(0.9), beta2: share(0.999), epsilon: above0(1e-7) };
/** 1 / (1 − βᵗ): what a mean that began at 0 is multiplied by. */
const correction = (beta: number, step: number) => 1 / (1 - beta ** (step + 1));
const corrections = {
  first: ({ beta1 }: { readonly beta1: number }, step: number) => correction(beta1, step),
  second: ({ beta2 }: { readonly beta2: number }, step: number) => correction(beta2, step),
};

/** Kingma and Ba, "Adam", 2015. */
const plainAdam = rule({
  learningRate: 1e-3,
  options: adamOptions,
  slots: ["m", "v"],
  corrections,
  update: ({ gradient, slots, rate, corrections: { first, second }, options }) => {
    const m = movingMean(slots.m, gradient, options.beta1);
    const v = movingMean(slots.v, gradient.square(), options.beta2);
    const root = v.times(second).squareRoot().plus(options.epsilon);
    return { change: rate.times(first).times(m).over(root), slots: { m, v } };
  },
});

const rules = {
  sgd: rule({
    learningRate: 0.01,
    options: {},
    update: ({ gradient, rate }) => ({ change: rate.times(gradient) }),
  }),
  momentum: rule({
    learningRate: 0.01,
    options: { momentum: share(0.9), useNesterov: flag(false) },
    slots: ["velocity"],
    update: ({ gradient, slots, rate, options: { momentum, useNesterov } }) => {
      const velocity = flushed(slots.velocity.times(momentum).plus(gradient));
      const direction = useNesterov ? gradient.plus(velocity.times(momentum)) : velocity;
      return { change: rate.times(direction), slots: { velocity } };
    },
  }),
  adam: plainAdam,
  /** Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019; decay as in PyTorch. */
  adamW: { ...plainAdam, decoupledDecay: 0.01 },
  /** Reddi, Kale and Kumar, "On the Convergence of Adam and Beyond", 2018; corrected as in PyTorch. */
  amsgrad: rule({
    learningRate: 1e-3,
    options: adamOptions,
    slots: ["m", "v", "largest"],
    corrections,
    update: ({ gradient, slots, rate, corrections: { first, second }, options }) => {
      const m = movingMean(slots.m, gradient, options.beta1);
      const v = movingMean(slots.v, gradient.square(), options.beta2);
      const largest = slots.largest.max(v);
      const root = largest.times(second).squareRoot().plus(options.epsilon);
      return { change: rate.times(first).times(m).over(root), slots: { m, v, largest } };
    },
  }),
  adamax: rule({
    learningRate: 2e-3,
    options: { ...adamOptions, decay: atLeast0(0) },
    slots: ["m", "norm"],
    corrections: {
      first: ({ beta1, decay }, step) => correction(beta1, step) / (1 + decay * step),
    },
    update: ({ gradient, slots, rate, corrections: { first }, options }) => {
      const m = movingMean(slots.m, gradient, options.beta1);
      const norm = flushed(slots.norm.times(options.beta2).max(gradient.absolute()));
      const change = rate.times(first).times(m).over(norm.plus(options.epsilon));
      return { change, slots: { m, norm } };
    },
  }),
  /** The sum of squares begins at `initialAccumulatorValue`; as slots begin at 0, its growth is what is kept. */
  adagrad: rule({
    learningRate: 0.01,
    options: { initialAccumulatorValue: atLeast0(0.1), epsilon: above0(1e-7) },
    slots: ["growth"],
    update: ({ gradient, slots, rate, options: { initialAccumulatorValue, epsilon } }) => {
      const growth = slots.growth.plus(gradient.square());
      const root = growth.plus(initialAccumulatorValue + epsilon).squareRoot();
      return { change: rate.times(gradient.over(root)), slots: { growth } };
    },
  }),
  /** As tfjs has it, the update is divided by the root of the mean square before this step. */
  adadelta: rule({
    learningRate: 1e-3,
    options: { rho: share(0.95), epsilon: above0(1e-7) },
    slots: ["squares", "updates"],
    update: ({ gradient, slots, rate, options: { rho, epsilon } }) => {
      const root = (mean: Value) => mean.plus(epsilon).squareRoot();
      const update = root(slots.updates).over(root(slots.squares)).times(gradient);
      const squares = movingMean(slots.squares, gradient.square(), rho);
      const updates = movingMean(slots.updates, update.square(), rho);
      return { change: rate.times(update), slots: { squares, updates } };
    },
  }),
  /**
   * As tfjs has it, epsilon stands inside of the root, and is subtracted there when centred: a centred one then gives
   * NaN for gradients near zero, there and here.
   */
  rmsprop: rule({
    learningRate: 1e-3,
    options: {
      decay: share(0.9),
      momentum: share(0),
      epsilon: above0(1e-7),
      centered: flag(false),
    },
    slots: ["squares", "mean", "velocity"],
    keeps: (slot, { momentum, centered }) =>
      slot === "squares" || (slot === "mean" ? centered : momentum > 0),
    update: ({ gradient, slots, rate, options: { decay, momentum, epsilon, centered } }) => {
      const squares = movingMean(slots.squares, gradient.square(), decay);
      const mean = centered ? movingMean(slots.mean, gradient, decay) : undefined;
      const inside = mean ? squares.minus(mean.square().plus(epsilon)) : squares.plus(epsilon);
      const move = rate.times(gradient).over(inside.squareRoot());
      if (momentum === 0) return { change: move, slots: { squares, ...(mean && { mean }) } };
      const velocity = flushed(slots.velocity.times(momentum).plus(move));
      return { change: velocity, slots: { squares, velocity, ...(mean && { mean }) } };
    },
  }),
  /** Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023. */
  lion: rule({
    learningRate: 1e-4,
    options: { beta1: share(0.9), beta2: share(0.99) },
    decoupledDecay: 0,
    slots: ["m"],
    update: ({ gradient, slots, rate, options: { beta1, beta2 } }) => {
      const direction = slots.m
        .times(beta1)
        .plus(gradient.times(1 - beta1))
        .sign();
      return { change: rate.times(direction), slots: { m: movingMean(slots.m, gradient, beta2) } };
    },
  }),
};

type Rules = typeof rules;
/** The optimizers of the table. */
export type OptimizerKind = keyof Rules;
/** The optimizers there are. */
export const optimizerKinds = Object.keys(rules) as readonly OptimizerKind[];

/** Options that every optimizer takes. Of the three that clip by size at most one may be given. */
export interface CommonOptions {
  /** Gradients are scaled down so that their global L2 norm is at most this (tf's clipByGlobalNorm); 0 for none. */
  readonly clipNorm?: number;
  /** Each tensor's gradient is scaled down so that its own L2 norm is at most this (tf's clipByNorm). */
  readonly clipTensorNorm?: number;
  /** Each element of the gradient is kept from −clipValue to clipValue. */
  readonly clipValue?: number;
  /** L2 decay, added to the gradient once it is clipped; adamW and lion take it from the weight instead (decoupled). */
  readonly weightDecay?: number;
  /**
   * What the learning rate is multiplied by for a weight (`dense_1/kernel`) or all weights of a layer (`dense_1`);
   * the longest name that fits counts, 0 leaves the weights as they are.
   */
  readonly factors?: Readonly<Record<string, number>>;
}

type OwnOptions<K extends OptimizerKind> = OptionValues<Rules[K]["options"]>;
type OptimizerOf<K extends OptimizerKind> = CommonOptions &
  OwnOptions<K> & { readonly kind: K; readonly learningRate: number };

/** An optimizer and its settings: plain data, as the functions below make it. */
export type Optimizer = { [K in OptimizerKind]: OptimizerOf<K> }[OptimizerKind];

/** The table's entry, whatever its options. */
export function ruleOf({ kind }: Optimizer): OptimizerRule<OptionTable, string, string> {
  return rules[kind] as unknown as OptimizerRule<OptionTable, string, string>;
}

/** Common options that are numbers from 0 on, and what is to be given. */
const commonNumbers: Readonly<Record<string, string>> = {
  clipNorm: "above 0, or 0 for none",
  clipTensorNorm: "above 0, or 0 for none",
  clipValue: "above 0, or 0 for none",
  weightDecay: "from 0 on",
};

/**
 * An optimizer of that kind; what is left out is as the table has it.
 * @throws BadArgument for an option that is unknown or does not fit, by name
 */
export function makeOptimizer<K extends OptimizerKind>(
  kind: K,
  learningRate: number = rules[kind].learningRate,
  given: Readonly<Record<string, unknown>> = {},
): OptimizerOf<K> {
  const { options, decoupledDecay } = rules[kind] as OptimizerRule;
  const rate = numberIn(kind, "the learning rate", learningRate, (value) => value > 0, "above 0");
  if (typeof given !== "object" || given === null) {
    throw new HoneError(
      "BadArgument",
      kind,
      `its options are ${valueText(given)}. Give an object.`,
    );
  }
  const common: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || Object.hasOwn(options, name)) continue;
    if (name === "factors") common[name] = checkedFactors(kind, value);
    else if (Object.hasOwn(commonNumbers, name)) {
      const range = commonNumbers[name] as string;
      common[name] = numberIn(kind, name, value, (number) => number >= 0, range);
    } else {
      const known = [...Object.keys(options), ...Object.keys(commonNumbers), "factors"];
      const what = `there is no option "${name}". It takes ${known.join(", ")}.`;
      throw new HoneError("BadArgument", kind, what);
    }
  }
  const clips = ["clipNorm", "clipTensorNorm", "clipValue"].filter((name) => common[name]);
  if (clips.length > 1) {
    throw new HoneError("BadArgument", kind, `${clips.join(" and ")} are both given. Give one.`);
  }
  const own = Object.entries(options).map(([name, option]) => {
    const value = given[name];
    return [name, value === undefined ? option.unless : option.check(kind, name, value)];
  });
  const decay = decoupledDecay === undefined ? {} : { weightDecay: decoupledDecay };
  const made = { kind, learningRate: rate, ...Object.fromEntries(own), ...decay, ...common };
  return made as OptimizerOf<K>;
}

/** Whether an optimizer that a file holds is whole. @throws BadArgument, naming the option */
export function checkOptimizer(given: Readonly<Record<string, unknown>>): void {
  const { kind, learningRate, ...options } = given;
  if (typeof kind !== "string" || !Object.hasOwn(rules, kind)) {
    const what = `${valueText(kind)} is none that this release knows. Use the release that wrote it.`;
    throw new HoneError("BadArgument", "optimizer", what);
  }
  const whole = makeOptimizer(kind as OptimizerKind, learningRate as number, options);
  const missing = Object.keys(whole).find((name) => given[name] === undefined);
  if (missing === undefined) return;
  throw new HoneError("BadArgument", kind, `${missing} is missing. Give all of its options.`);
}

function checkedFactors(kind: string, factors: unknown): Readonly<Record<string, number>> {
  if (typeof factors !== "object" || factors === null || Array.isArray(factors)) {
    const what = `factors is ${valueText(factors)}. Give an object of numbers by layer or weight.`;
    throw new HoneError("BadArgument", kind, what);
  }
  return Object.fromEntries(
    Object.entries(factors).map(([name, value]) => [
      name,
      numberIn(kind, `the factor of "${name}"`, value, (factor) => factor >= 0, "from 0 on"),
    ]),
  );
}

type GivenOptions<K extends OptimizerKind> = CommonOptions & Partial<OwnOptions<K>>;
const constructorOf =
  <K extends OptimizerKind>(kind: K) =>
  (learningRate?: number, options?: GivenOptions<K>): OptimizerOf<K> =>
    makeOptimizer(kind, learningRate, options);

// The constructors: a learning rate above 0, and options of which each is as the table has it unless given, those of
// `CommonOptions` among them. All throw BadArgument for an option that is unknown or does not fit, by its name.

/** Plain stochastic gradient descent, w − rate · g. The rate is 0.01 unless given. @throws BadArgument */
export const sgd = constructorOf("sgd");
/**
 * Adam: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, as tf.train.adam computes it (epsilon outside of
 * the root). The rate is 0.001, `beta1` 0.9, `beta2` 0.999, `epsilon` 1e-7 unless given. @throws BadArgument
 */
export const adam = constructorOf("adam");
/**
 * Adam whose weight decay is taken from the weight, rate · weightDecay · w, and not added to the gradient: Loshchilov and
 * Hutter, "Decoupled Weight Decay Regularization", 2019. `weightDecay` is 0.01 unless given, all else as `adam` has it.
 * @throws BadArgument
 */
export const adamW = constructorOf("adamW");
/**
 * Adam over the largest second moment so far: Reddi, Kale and Kumar, "On the Convergence of Adam and Beyond", 2018, its
 * bias corrected as in PyTorch. Defaults are those of `adam`. @throws BadArgument
 */
export const amsgrad = constructorOf("amsgrad");
/**
 * Adam over the largest gradient of late, from section 7 of Adam's paper, as tf.train.adamax computes it. The rate is 0.002
 * and divided by 1 + `decay` · step; `decay` is 0, all else as `adam` has it unless given. @throws BadArgument
 */
export const adamax = constructorOf("adamax");
/**
 * Over the root of the sum of all squares: Duchi, Hazan and Singer, "Adaptive Subgradient Methods", 2011, as
 * tf.train.adagrad computes it. The rate is 0.01, `initialAccumulatorValue` 0.1, `epsilon` 1e-7 unless given.
 * @throws BadArgument
 */
export const adagrad = constructorOf("adagrad");
/**
 * Over the roots of mean squares of gradients and updates: Zeiler, "ADADELTA", 2012, as tf.train.adadelta computes it. The
 * rate is 0.001 (`model.compile`'s name "adadelta" has 1), `rho` 0.95, `epsilon` 1e-7 unless given. @throws BadArgument
 */
export const adadelta = constructorOf("adadelta");
/**
 * Over the root of the mean square: Tieleman and Hinton's lecture, 2012, as tf.train.rmsprop computes it (epsilon inside of
 * the root). The rate is 0.001, `decay` 0.9, `momentum` 0, `epsilon` 1e-7, `centered` false unless given.
 * @throws BadArgument
 */
export const rmsprop = constructorOf("rmsprop");
/**
 * By the sign of a mean of gradients: Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023. The rate is 1e-4,
 * `beta1` 0.9, `beta2` 0.99 unless given; `weightDecay` (0) is taken from the weight, as adamW's is. @throws BadArgument
 */
export const lion = constructorOf("lion");

/**
 * Gradient descent with momentum, v = factor · v + g and w − rate · v, as tf.train.momentum computes it; with
 * `useNesterov` w − rate · (g + factor · v). The rate is 0.01, the factor 0.9 unless given. @throws BadArgument
 */
export function momentum(
  learningRate?: number,
  factor?: number,
  options: GivenOptions<"momentum"> = {},
): OptimizerOf<"momentum"> {
  return makeOptimizer("momentum", learningRate, { momentum: factor, ...options });
}
