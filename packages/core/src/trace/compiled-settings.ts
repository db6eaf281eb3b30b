/** What a model already compiled with tfjs's `model.compile` brings along. */
import { HoneError } from "../errors.js";
import { LOSS_NAMES, type LossName } from "../graph/loss.js";
import type { Optimizer } from "../graph/optimizer.js";
import { type OptimizerLike, optimizerOf } from "./optimizer-of.js";
import type { LayersModelLike, LossFunctionLike } from "./tfjs-types.js";

export interface CompiledSettings {
  readonly optimizer?: Optimizer;
  readonly loss?: LossName | LossFunctionLike;
  readonly metrics?: readonly string[];
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
 * @param wanted what is not wanted is not read, so that it cannot be refused either
 * @throws UnsupportedModel for an optimizer that tfjs does not bring, or another metric than accuracy
 */
export function readCompiledSettings(
  model: LayersModelLike,
  wanted: { readonly optimizer: boolean; readonly loss: boolean } = { optimizer: true, loss: true },
): CompiledSettings {
  const compiled = model as (LayersModelLike & CompiledModel) | null | undefined;
  if (!compiled?.optimizer) return {};
  const loss = wanted.loss ? readLoss(compiled) : undefined;
  const metrics = readMetrics(compiled.metrics);
  return {
    ...(wanted.optimizer ? { optimizer: optimizerOf(compiled.optimizer, "model.compile") } : {}),
    ...(loss ? { loss } : {}),
    ...(metrics.length > 0 ? { metrics } : {}),
  };
}

function readLoss(model: CompiledModel): CompiledSettings["loss"] {
  const loss = onlyOne(model.loss, "loss");
  if (typeof loss === "function") return loss as LossFunctionLike;
  if (loss === undefined) return undefined;
  const name = LOSS_NAMES.find((known) => known === loss);
  const functions = model.model?.lossFunctions ?? model.lossFunctions;
  return name ?? functions?.[0] ?? refuse(`its loss is ${loss}. Pass a loss function`);
}

function readMetrics(metrics: unknown): readonly string[] {
  const list = metrics && typeof metrics === "object" ? Object.values(metrics).flat() : [metrics];
  return list.flatMap((metric) => {
    if (metric === undefined || metric === null) return [];
    if (metric === "acc" || metric === "accuracy") return ["acc"];
    const name = typeof metric === "function" ? metric.name || "a function" : metric;
    return refuse(`its metric ${name} is not computed. Compile with accuracy, or without metrics`);
  });
}

/** tfjs takes one value, a list, or a record by output name; a model here has one output. */
function onlyOne(value: unknown, what: string): unknown {
  if (!value || typeof value !== "object") return value ?? undefined;
  const [first, ...more] = Object.values(value);
  if (more.length > 0) refuse(`it has ${more.length + 1} ${what} entries. Give one`);
  return first;
}

function refuse(what: string): never {
  throw new HoneError("UnsupportedModel", "model.compile", `${what}.`);
}
