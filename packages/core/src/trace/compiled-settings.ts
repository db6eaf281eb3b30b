/** What a model already compiled with tfjs's `model.compile` brings along. */
import { lossOf } from "../graph/losses/index.js";
import type { Optimizer } from "../graph/optimizer.js";
import type { LossChoice, MetricChoice } from "./judging.js";
import { type OptimizerLike, optimizerOf } from "./optimizer-of.js";
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
 * @throws UnsupportedModel for an optimizer that is none of tf.train's
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
    ...(wanted.optimizer ? { optimizer: optimizerOf(compiled.optimizer, "model.compile") } : {}),
    ...(loss !== undefined && { loss }),
    ...(metrics !== undefined && metrics !== null && { metrics: metrics as MetricChoice }),
  };
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
