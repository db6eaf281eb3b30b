/** Optimizers as data, and the nodes that apply them. */
import { HoneError } from "../errors.js";
import type { GraphBuilder } from "./builder.js";
import { sizeOf } from "./geometry.js";

interface Common {
  /** Gradients are scaled down so that their global L2 norm is at most this. */
  readonly clipNorm?: number;
}
export type Optimizer =
  | (Common & { readonly kind: "sgd"; readonly learningRate: number })
  | (Common & {
      readonly kind: "momentum";
      readonly learningRate: number;
      readonly momentum: number;
      readonly useNesterov: boolean;
    })
  | (Common & {
      readonly kind: "adam";
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    });

function check(where: string, name: string, value: number, fits: boolean, range: string): number {
  if (fits) return value;
  throw new HoneError("BadArgument", where, `${name} is ${value}. Give a number ${range}.`);
}

function rate(where: string, value: number): number {
  const fits = value > 0 && Number.isFinite(value);
  return check(where, "the learning rate", value, fits, "above 0");
}

/** A share of the past that is kept from step to step. */
function decay(where: string, name: string, value: number): number {
  return check(where, name, value, value >= 0 && value < 1, "from 0 up to, but not, 1");
}

function clipping(where: string, { clipNorm }: Common): Common {
  if (clipNorm === undefined) return {};
  return { clipNorm: check(where, "clipNorm", clipNorm, clipNorm >= 0, "above 0, or 0 for none") };
}

/** Plain stochastic gradient descent. @throws BadArgument */
export function sgd(learningRate: number, options: Common = {}): Optimizer {
  return { kind: "sgd", learningRate: rate("sgd", learningRate), ...clipping("sgd", options) };
}

/** Gradient descent with momentum, as tf.train.momentum computes it. @throws BadArgument */
export function momentum(
  learningRate: number,
  factor = 0.9,
  options: Common & { readonly useNesterov?: boolean } = {},
): Optimizer {
  return {
    kind: "momentum",
    learningRate: rate("momentum", learningRate),
    momentum: decay("momentum", "the factor", factor),
    useNesterov: options.useNesterov ?? false,
    ...clipping("momentum", options),
  };
}

/**
 * Adam (Kingma and Ba, 2015) with the defaults of tfjs: beta 0.9 and 0.999, epsilon 1e-7.
 * @throws BadArgument
 */
export function adam(
  learningRate = 1e-3,
  options: Common & {
    readonly beta1?: number;
    readonly beta2?: number;
    readonly epsilon?: number;
  } = {},
): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
  return {
    kind: "adam",
    learningRate: rate("adam", learningRate),
    beta1: decay("adam", "beta1", beta1),
    beta2: decay("adam", "beta2", beta2),
    epsilon: check("adam", "epsilon", epsilon, epsilon > 0 && Number.isFinite(epsilon), "above 0"),
    ...clipping("adam", options),
  };
}

/** Numbers per step in the schedule: the learning rate and Adam's two bias corrections. */
export const SCHEDULE_COLUMNS = 3;

/**
 * One row of the schedule, in double precision, so that no device raises 0.999 to the t-th power.
 * @param step counts from 0
 */
export function scheduleRow(optimizer: Optimizer, step: number, learningRate: number): number[] {
  if (optimizer.kind !== "adam") return [learningRate, 1, 1];
  return [
    learningRate,
    1 / (1 - optimizer.beta1 ** (step + 1)),
    1 / (1 - optimizer.beta2 ** (step + 1)),
  ];
}

/** Names of the slots an optimizer keeps for each parameter. */
export function slotNames(optimizer: Optimizer): readonly string[] {
  if (optimizer.kind === "adam") return ["m", "v"];
  return optimizer.kind === "momentum" ? ["velocity"] : [];
}

export interface OptimizerInputs {
  /** Ids of the trainable parameters, and of their gradients, in the same order. */
  readonly parameters: readonly number[];
  readonly gradients: readonly number[];
  readonly schedule: number;
  readonly epochStart: number;
  readonly norm: number;
}

/** Declares the slots and appends one optimizer call over flat views of everything. */
export function applyOptimizer(
  builder: GraphBuilder,
  optimizer: Optimizer,
  { parameters, gradients, schedule, epochStart, norm }: OptimizerInputs,
): void {
  const length = parameters.reduce((sum, id) => sum + sizeOf(builder.shape(id)), 0);
  const flat = (name: string, role: "parameter" | "gradient" | "slot", span: readonly number[]) =>
    builder.persistent(name, role, [length], { span });
  const slots = slotNames(optimizer).map((slot) =>
    flat(
      `slots.${slot}`,
      "slot",
      parameters.map((id) =>
        builder.persistent(`slot.${slot}:${builder.tensor(id).name}`, "slot", builder.shape(id), {
          block: `slots.${slot}`,
        }),
      ),
    ),
  );
  const values = flat("parameters", "parameter", parameters);
  const clipNorm = optimizer.clipNorm ?? 0;
  const inputs = [
    values,
    flat("gradients", "gradient", gradients),
    ...slots,
    schedule,
    epochStart,
    ...(clipNorm > 0 ? [norm] : []),
  ];
  const { op, attributes } = callOf(optimizer);
  builder.inPlace(op, inputs, [values, ...slots], { clipNorm, ...attributes });
}

function callOf(optimizer: Optimizer) {
  if (optimizer.kind === "sgd") return { op: "ApplySgd", attributes: {} };
  if (optimizer.kind === "momentum") {
    const { momentum: factor, useNesterov } = optimizer;
    return { op: "ApplyMomentum", attributes: { momentum: factor, useNesterov } };
  }
  const { beta1, beta2, epsilon } = optimizer;
  return { op: "ApplyAdam", attributes: { beta1, beta2, epsilon } };
}
