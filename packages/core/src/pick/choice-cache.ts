/**
 * Choices remembered: the same program, wanted for the same use, in the same surroundings, gets the same device
 * without another race.
 */
import { version } from "../../package.json";
import type { DeviceInfo, Target } from "../backend.js";
import type { CaptureOptions } from "../capture-options.js";
import { isSavedModel, type SavedModel } from "../run/saved-model.js";
import { textHash } from "../text-hash.js";
import { optimizerOf } from "../trace/optimizer-of.js";
import { weightPlaces } from "../trace/structure.js";
import type { LayersModelLike } from "../trace/tfjs-types.js";
import { trainableVariables } from "../trace/trainable.js";
import type { Candidate } from "./candidate.js";

/** Where choices are kept. A page's `localStorage` is one. */
export interface ChoiceStore {
  /** What is kept under the key; null where nothing is. */
  getItem(key: string): string | null | Promise<string | null>;
  /** Keeps a text under the key. */
  setItem(key: string, value: string): void | Promise<void>;
  /** Forgets what is kept under the key. */
  removeItem(key: string): void | Promise<void>;
}

export interface Choice {
  readonly madeMs: number;
  readonly name: string;
  readonly info: DeviceInfo;
  readonly target: Target;
  /** The device can compute on the calling thread too. */
  readonly local: boolean;
  readonly why: string;
  readonly candidates: readonly Candidate[];
}

/** A driver or a browser's flag may have changed since, which only a new race would notice. */
const LONGEST_MS = 24 * 3_600_000;

/** Choices of this process or page. */
export function memoryStore(): ChoiceStore {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

/** What a choice depends on. */
export interface ChoiceSubject {
  readonly model: LayersModelLike | SavedModel;
  readonly backends: readonly string[];
  readonly settings: CaptureOptions;
  /** Mode, batch size, steps, budget. */
  readonly use: Readonly<Record<string, unknown>>;
}

/** @returns undefined when the model cannot be told from others, and its choice not be kept */
export function choiceKey({ model, backends, settings, use }: ChoiceSubject): string | undefined {
  const program = isSavedModel(model) ? describeSaved(model) : describeModel(model);
  if (program === undefined) return undefined;
  const { loss, labelShape } = settings;
  // The same key for a name, tfjs's object and Hone's data; tfjs's object holds more than its settings.
  const optimizer = settings.optimizer && optimizerOf(settings.optimizer, "compile");
  const named = typeof loss === "function" ? String(loss) : loss;
  const all = { version, runtime: runtime(), backends, program, use, optimizer, named, labelShape };
  return `hone.choice.${textHash(JSON.stringify(all))}`;
}

function describeSaved({ traced, state, terms }: SavedModel): string {
  const { inputs, outputs, weights } = traced;
  return JSON.stringify([state.structure, state.optimizer, inputs, outputs, weights, terms]);
}

export async function recall(store: ChoiceStore, key: string): Promise<Choice | undefined> {
  try {
    const text = await store.getItem(key);
    if (text === null) return undefined;
    const choice: unknown = JSON.parse(text);
    if (isChoice(choice)) {
      const ageMs = Date.now() - choice.madeMs;
      if (ageMs >= 0 && ageMs < LONGEST_MS) return choice;
    }
    await store.removeItem(key);
  } catch {
    // Unreadable, or somebody else's: a new race will tell.
  }
  return undefined;
}

type Unknown<T> = { readonly [Key in keyof T]?: unknown };

/** What is kept may be damaged, or anybody's: a choice has all that is read of it, and nothing else will do. */
function isChoice(value: unknown): value is Choice {
  if (!isObject(value)) return false;
  const { madeMs, name, info, target, local, why, candidates } = value as Unknown<Choice>;
  return (
    Number.isFinite(madeMs) &&
    isText(name) &&
    isText(why) &&
    typeof local === "boolean" &&
    isInfo(info) &&
    isTarget(target) &&
    Array.isArray(candidates) &&
    candidates.every(isCandidate)
  );
}

function isInfo(value: unknown): boolean {
  const { backend, description, kind, numerics, threads } = (value ?? {}) as Unknown<DeviceInfo>;
  return [backend, description, kind, numerics].every(isText) && isCount(threads);
}

function isTarget(value: unknown): boolean {
  const { alignmentBytes, precision, ops, maxBlockBytes } = (value ?? {}) as Unknown<Target>;
  const counts = [alignmentBytes, precision, maxBlockBytes].every(isCount);
  return counts && Array.isArray(ops) && ops.every(isText);
}

function isCandidate(value: unknown): boolean {
  const { name, outcome, reason, hint, figures } = (value ?? {}) as Unknown<Candidate>;
  return (
    [name, outcome, reason, hint ?? ""].every(isText) &&
    (figures === undefined || (isObject(figures) && Object.values(figures).every(isNumber)))
  );
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isText = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => typeof value === "number";
const isCount = (value: unknown) => Number.isFinite(value) && (value as number) > 0;

/** A store that is full or forbidden costs a race next time, no more. */
export async function remember(store: ChoiceStore, key: string, choice: Choice): Promise<void> {
  try {
    await store.setItem(key, JSON.stringify(choice));
  } catch {}
}

export async function forget(store: ChoiceStore, key: string): Promise<void> {
  try {
    await store.removeItem(key);
  } catch {}
}

interface DescribableModel {
  toJSON(unused: unknown, returnString: false): unknown;
}

/** Layers, their settings and how they hang together; weights do not count. */
function describeModel(model: LayersModelLike): unknown {
  try {
    const json = (model as unknown as DescribableModel).toJSON(null, false);
    const places = weightPlaces(model);
    const shapes = places.map(({ shape }) => shape);
    const learnt = trainableVariables(model);
    const trainable = places.map(({ variable }) => learnt.has(variable.read()));
    // tfjs counts layers up over a whole page: their names are not part of what they compute.
    return [withoutNames(json), shapes, trainable];
  } catch {
    return undefined;
  }
}

/**
 * The same value as text, with the order of its first mention in place of each name, and without what weights
 * start from: neither changes what is computed.
 */
function withoutNames(json: unknown): string {
  const seen = new Map<string, string>();
  return JSON.stringify(json, (field, value: unknown) => {
    if (/initializer$/i.test(field)) return undefined;
    if ((field !== "name" && field !== "layer_name") || typeof value !== "string") return value;
    if (!seen.has(value)) seen.set(value, `#${seen.size}`);
    return seen.get(value);
  });
}

/** The engine that runs us: another one brings other speeds. */
function runtime(): string {
  const surroundings = globalThis as {
    readonly navigator?: { readonly userAgent?: string; readonly hardwareConcurrency?: number };
    readonly process?: { readonly version?: string; readonly arch?: string };
    readonly crossOriginIsolated?: boolean;
  };
  const { navigator, process, crossOriginIsolated = "" } = surroundings;
  const node = process?.version === undefined ? "" : `${process.version} ${process.arch}`;
  const page = `${navigator?.userAgent ?? ""} ${navigator?.hardwareConcurrency ?? ""}`;
  return `${node} ${page} ${crossOriginIsolated}`;
}
