/**
 * A model as a session saves it, plain data: what it computes, for any batch size, how it is judged and trained, and the
 * state it has come to. Who has it needs no tfjs any more.
 */
import { loadOps, opsOf } from "../graph/ops/index.js";
import type { Optimizer } from "../graph/optimizer.js";
import type { TracedModel } from "../graph/template.js";
import type { Term } from "../graph/terms.js";
import type { SessionCheckpoint } from "./checkpoint.js";
import { isObject } from "./options.js";
import type { Captured } from "./session-model.js";

/** Of this layout. A later release reads all that came before. */
export const MODEL_FORMAT = 1;

/** A model as plain data: what it computes, its weights, and all that it takes to train on. */
export interface SavedModel {
  readonly format: typeof MODEL_FORMAT;
  readonly kind: "model";
  readonly name: string;
  readonly traced: TracedModel;
  /** How outputs are judged. */
  readonly terms: readonly Term[];
  /** Names of the classes, by output. */
  readonly classNames: Readonly<Record<string, readonly string[]>>;
  /** Weights, slots, optimizer, seed, how bytes are scaled; no training that is in the middle. */
  readonly state: SessionCheckpoint;
}

/** What a model's file says of it for people. */
export interface SavedAbout {
  /** "model" unless given, or the name it was opened with. */
  readonly name?: string;
  /** Of the only output, or by output. */
  readonly classNames?: readonly string[] | Readonly<Record<string, readonly string[]>>;
}

/** Whether it is one, rather than a model of tfjs. */
export function isSavedModel(given: unknown): given is SavedModel {
  const { kind, traced, terms, state } = (given ?? {}) as Partial<SavedModel>;
  const isTraced = isObject(traced) && isObject(traced?.inference) && isObject(traced?.training);
  return kind === "model" && isTraced && Array.isArray(terms) && isObject(state?.tensors);
}

/** What a session knows of a saved model before it has a device. */
export function capturedOf(
  model: SavedModel,
  { optimizer, seed }: { readonly optimizer?: Optimizer; readonly seed?: number } = {},
): Captured {
  const { traced, terms, state } = model;
  return {
    traced,
    weights: weightsIn(model),
    setup: { terms, optimizer: optimizer ?? state.optimizer, seed: seed ?? state.seed },
  };
}

/** Loads the ops that it has: it may come from another thread, which has opened it. */
export function readyFor({ traced: { training, inference } }: SavedModel): Promise<void> {
  return loadOps(opsOf(training.two.graph, inference.two.graph));
}

/** Its weights, in their order. */
export function weightsIn({ traced, state }: SavedModel): Float32Array[] {
  return traced.weights.map(({ name }) => Float32Array.from(state.tensors[name]?.data ?? []));
}
