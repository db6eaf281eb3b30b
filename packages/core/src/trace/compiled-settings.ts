/** What a model already compiled with tfjs's `model.compile` brings along. */
import { HoneError } from "../errors.js";
import { lossOf } from "../graph/losses/index.js";
import { adam, momentum, type Optimizer, sgd } from "../graph/optimizer.js";
import type { LossChoice, MetricChoice } from "./judging.js";
import type { LayersModelLike, LossFunctionLike } from "./tfjs-types.js";

export interface CompiledSettings {
  readonly optimizer?: Optimizer;
  readonly loss?: LossChoice;
  readonly metrics?: MetricChoice;
}

/** What is not wanted is not read, so that it cannot be refused either. */
interface Wanted {
  readonly optimizer: boolean;
  readonly loss: boolean;
  readonly metrics: boolean;
}

interface OptimizerLike {
  getClassName(): string;
  readonly learningRate: number;
  readonly momentum?: number;
  readonly useNesterov?: boolean;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number | null;
}

interface CompiledModel {
  readonly optimizer?: OptimizerLike | null;
  readonly loss?: unknown;
  readonly lossFunctions?: readonly LossFunctionLike[];
  /** What a Sequential compiles in its place. */
  readonly model?: CompiledModel | null;
  readonly metrics?: unknown;
}

/**
 * Optimizer, loss and metrics of a compiled model; nothing for one that is not compiled. A loss that tfjs
 * knows and Hone does not is given as tfjs's function, to be traced like a user's own.
 *
 * @throws UnsupportedModel for another optimizer than sgd, momentum or adam
 */
export function readCompiledSettings(
  model: LayersModelLike,
  wanted: Wanted = { optimizer: true, loss: true, metrics: true },
): CompiledSettings {
  const compiled = model as (LayersModelLike & CompiledModel) | null | undefined;
  if (!compiled?.optimizer) return {};
  const loss = wanted.loss ? readLoss(compiled) : undefined;
  const metrics = wanted.metrics ? compiled.metrics : undefined;
  return {
    ...(wanted.optimizer ? { optimizer: readOptimizer(compiled.optimizer) } : {}),
    ...(loss !== undefined && { loss }),
    ...(metrics !== undefined && metrics !== null && { metrics: metrics as MetricChoice }),
  };
}

function readOptimizer(optimizer: OptimizerLike): Optimizer {
  const { learningRate } = optimizer;
  const kind = optimizer.getClassName();
  switch (kind) {
    case "SGD":
      return sgd(learningRate);
    case "Momentum":
      return momentum(learningRate, optimizer.momentum, {
        useNesterov: optimizer.useNesterov === true,
      });
    case "Adam": {
      const { beta1 = 0.9, beta2 = 0.999, epsilon } = optimizer;
      return adam(learningRate, { beta1, beta2, epsilon: epsilon ?? 1e-7 });
    }
    default:
      return refuse(`its optimizer is ${kind}. Use sgd, momentum or adam`);
  }
}

/** As `model.compile` was told; names that Hone does not know become the functions tfjs has for them. */
function readLoss(model: CompiledModel): LossChoice | undefined {
  const { loss } = model;
  if (loss === undefined || loss === null) return undefined;
  if (Array.isArray(loss) && loss.length === 0) return undefined;
  const functions = model.model?.lossFunctions ?? model.lossFunctions ?? [];
  const known = (one: unknown, index: number): unknown =>
    typeof one !== "string" || lossOf(one) ? one : (functions[index] ?? one);
  if (typeof loss === "string") return known(loss, 0) as LossChoice;
  if (Array.isArray(loss)) return loss.map(known) as unknown as LossChoice;
  return loss as LossChoice;
}

function refuse(what: string): never {
  throw new HoneError("UnsupportedModel", "model.compile", `${what}.`);
}
