/**
 * A model as a session saves it, plain data: what it computes, for any batch size, how it is judged and trained, and the
 * state it has come to. Who has it needs no tfjs any more.
 */
import { HoneError } from "../errors.js";
import type { Optimizer } from "../graph/optimizer.js";
import type { PortInfo, TracedModel } from "../graph/template.js";
import type { Term } from "../graph/terms.js";
import type { SessionCheckpoint } from "./checkpoint.js";
import { isObject, isText } from "./options.js";
import type { Captured } from "./session-model.js";

/** Of this layout. A later release reads all that came before. */
export const MODEL_FORMAT = 1;

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

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);

export const SAVED_OPTIONS = {
  name: { is: isText, wanted: "a text" },
  classNames: {
    is: (value: unknown) =>
      isTexts(value) || (isObject(value) && Object.values(value as object).every(isTexts)),
    wanted: "a list of names, or such lists by output",
  },
} as const;

/** @throws BadArgument for one list for several outputs, and for names of no output */
export function classNamesBy(
  outputs: readonly PortInfo[],
  given: SavedAbout["classNames"],
): Readonly<Record<string, readonly string[]>> {
  if (given === undefined) return {};
  const [only, ...more] = outputs;
  const refuse = (what: string): never => {
    const all = outputs.map(({ name }) => name).join(", ");
    throw new HoneError("BadArgument", "classNames", `${what}. The outputs are ${all}.`);
  };
  if (Array.isArray(given) && more.length > 0) refuse("it is one list for several outputs");
  const named = (Array.isArray(given) && only ? { [only.name]: given } : given) as Record<
    string,
    readonly string[]
  >;
  for (const name of Object.keys(named)) {
    if (!outputs.some((output) => output.name === name)) refuse(`it names "${name}"`);
  }
  return named;
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

/** Its weights, in their order. */
export function weightsIn({ traced, state }: SavedModel): Float32Array[] {
  return traced.weights.map(({ name }) => Float32Array.from(state.tensors[name]?.data ?? []));
}
