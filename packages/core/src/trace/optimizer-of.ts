/** Whatever names an optimizer becomes one: Hone's own data, tfjs's objects, tfjs's names. */
import { HoneError } from "../errors.js";
import {
  makeOptimizer,
  type Optimizer,
  type OptimizerKind,
  optimizerKinds,
} from "../graph/optimizer.js";
import { valueText } from "../value-text.js";

/** An optimizer of tf.train; its fields are its settings. */
export interface OptimizerLike {
  getClassName(): string;
}

/** tfjs's class, and which of its fields are options under which name. */
const CLASSES: Readonly<Record<string, readonly [OptimizerKind, ...fields: string[]]>> = {
  SGD: ["sgd"],
  Momentum: ["momentum", "momentum", "useNesterov"],
  Adam: ["adam", "beta1", "beta2", "epsilon"],
  Adamax: ["adamax", "beta1", "beta2", "epsilon", "decay"],
  Adagrad: ["adagrad", "initialAccumulatorValue"],
  Adadelta: ["adadelta", "rho", "epsilon"],
  RMSProp: ["rmsprop", "decay", "momentum", "epsilon", "centered"],
};

/** What `model.compile` makes of a name, where tf.train has another default. */
const RATES_BY_NAME: Readonly<Partial<Record<OptimizerKind, number>>> = { adadelta: 1 };

/**
 * The optimizer that is meant: one of Hone's (what is left out of its data is as its constructor has it), one of
 * tf.train's, or a name as `model.compile` takes it.
 * @throws BadArgument, naming what was given and what may be; UnsupportedModel for another class of tfjs optimizer
 */
export function optimizerOf(given: unknown, where = "optimizer"): Optimizer {
  if (typeof given === "string") {
    const kind = optimizerKinds.find((known) => known.toLowerCase() === given.toLowerCase());
    if (kind) return makeOptimizer(kind, RATES_BY_NAME[kind]) as Optimizer;
  }
  if (typeof given === "object" && given !== null) {
    if (isTfjsOptimizer(given)) return fromTfjs(given, where);
    const { kind, learningRate, ...options } = given as Readonly<Record<string, unknown>>;
    const known = optimizerKinds.find((name) => name === kind);
    if (known)
      return makeOptimizer(known, learningRate as number | undefined, options) as Optimizer;
  }
  const constructors = optimizerKinds.map((kind) => `${kind}(…)`).join(", ");
  const what = `the optimizer is ${valueText(given)}. Give ${constructors} of @hone/core, one of tf.train, or a name as "adam".`;
  throw new HoneError("BadArgument", where, what);
}

function isTfjsOptimizer(given: object): given is OptimizerLike {
  return "getClassName" in given && typeof given.getClassName === "function";
}

function fromTfjs(given: OptimizerLike, where: string): Optimizer {
  const name = given.getClassName();
  const found = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  if (!found) {
    const what = `its optimizer is ${name}. Use ${Object.keys(CLASSES).join(", ")}, or one of Hone's.`;
    throw new HoneError("UnsupportedModel", where, what);
  }
  const [kind, ...fields] = found;
  const settings = given as unknown as Readonly<Record<string, unknown>>;
  const options = fields.map((field) => [field, settings[field] ?? undefined]);
  const rate = settings.learningRate as number;
  return makeOptimizer(kind, rate, Object.fromEntries(options)) as Optimizer;
}
