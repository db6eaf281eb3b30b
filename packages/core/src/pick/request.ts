/** One call of `pickFastest` or `fastest` for a model: what is wanted, what is kept of it, and how it begins. */

import { checkAborted } from "../abort.js";
import { otherVersion } from "../adapter/spec-version.js";
import type { Backend, DeviceInfo } from "../backend.js";
import type { CaptureOptions } from "../capture-options.js";
import { HoneError } from "../errors.js";
import { checkOptimizer, type Optimizer } from "../graph/optimizer.js";
import type { Graph } from "../graph/types.js";
import { capturedOf, isSavedModel, readyFor, type SavedModel } from "../run/saved-model.js";
import type { Captured } from "../run/session-model.js";
import { checkedSeed, wholeNumber } from "../run/whole-number.js";
import { optimizerOf } from "../trace/optimizer-of.js";
import type { LayersModelLike } from "../trace/tfjs-types.js";
import { type Candidate, timeText } from "./candidate.js";
import {
  type Choice,
  type ChoiceStore,
  choiceKey,
  forget,
  recall,
  remember,
} from "./choice-cache.js";
import { deferredDevice } from "./deferred-device.js";
import { defaultStore } from "./page-store.js";
import type { PickOptions } from "./pick-options.js";
import { type PickedDevice, picked, type Told } from "./picked-device.js";
import { probeOf } from "./probe.js";
import { type Deadline, slower, timesText } from "./race.js";
import type { Runner } from "./runner.js";
import { askAll, type Started, startFirst } from "./start.js";
import { sayOnce, sentence, slowHint } from "./words.js";
import { graphOf, type Mode, sampleData, type Work } from "./work.js";

const DEFAULT_STEPS = 10_000;
const PROBE_LIMIT_MS = 5;

/** Which to make ready first: those that are ready soonest, and fast. */
const READY_ORDER: readonly DeviceInfo["kind"][] = ["wasm", "gpu", "cpu", "software-gpu"];

export const soonestFirst = (runners: readonly Runner[]) =>
  [...runners].sort((a, b) => READY_ORDER.indexOf(a.kind) - READY_ORDER.indexOf(b.kind));

/** What has begun: the first device is open and right, and the program of the user's own is known. */
export interface Begun extends Started {
  readonly work: Work;
  readonly graph: Graph;
}

/** Captures a model that is not a saved one; whoever chooses without tfjs refuses it. */
export type Capture = (model: LayersModelLike, options: CaptureOptions) => Promise<Captured>;

export class PickRequest {
  readonly where: string;
  readonly backends: readonly Backend[];
  readonly options: PickOptions;
  readonly deadline: Deadline | undefined;
  readonly #capture: Capture;
  readonly #model: LayersModelLike | SavedModel;
  readonly #use: { mode: Mode; batchSize: number; steps: number; latency: boolean };
  readonly #kept: { readonly store: ChoiceStore; readonly key: string } | undefined;

  /** @throws BadArgument */
  constructor(
    where: string,
    capture: Capture,
    backends: readonly Backend[],
    options: PickOptions & { readonly for: LayersModelLike | SavedModel },
  ) {
    this.where = where;
    this.#capture = capture;
    this.backends = backends;
    this.options = options;
    this.deadline = deadlineOf(options);
    const { mode = "train", latency = false, store, data, budgetMs } = options;
    const batchSize = wholeNumber("batchSize", options.batchSize ?? (mode === "train" ? 64 : 1));
    const steps = wholeNumber("steps", options.steps ?? DEFAULT_STEPS);
    const use = { mode, batchSize, steps, latency };
    const rowShape = data && Object.values(data.columns).map(({ shape }) => shape);
    this.#model = options.for;
    this.#use = use;
    if (store === false) return;
    const key = choiceKey({
      model: options.for,
      backends: backends.map(({ name }) => name),
      settings: options,
      use: { ...use, budgetMs, rowShape },
    });
    if (key !== undefined) this.#kept = { store: store ?? defaultStore(), key };
  }

  /** The device of a remembered choice, if it still seems to be there; it opens while the caller goes on. */
  async recalled(): Promise<PickedDevice | undefined> {
    if (this.#kept === undefined) return undefined;
    const { store, key } = this.#kept;
    const choice = await recall(store, key);
    const backend = choice && this.backends.find(({ name }) => name === choice.name);
    if (!choice || !backend) return undefined;
    // A choice may have been kept by another release.
    if (otherVersion(backend) ?? otherVersion(choice.target)) return undefined;
    // Some drivers take long to answer. The device that opens is compared with the one remembered all the same.
    const probe = await Promise.race([probeOf(backend), after(PROBE_LIMIT_MS)]);
    if (probe && !(probe.ok && sameInfo(probe.info, choice.info))) {
      await forget(store, key);
      return undefined;
    }
    checkAborted(this.options.signal, this.where);
    const device = deferredDevice(backend, choice, () => void forget(store, key));
    const ago = timeText(Math.max(1000, Date.now() - choice.madeMs));
    const { candidates } = choice;
    const why = `${choice.why} (measured ${ago} ago)`;
    const told = withHint(this.where, choice.info.kind, why, candidates);
    return picked(device, { backends: this.backends, told: () => told });
  }

  /** @throws UnsupportedModel and the like before any device is opened; BackendUnavailable; Aborted */
  async begin(): Promise<Begun> {
    const { signal, onProgress, data } = this.options;
    checkAborted(signal, this.where);
    const probes = askAll(this.backends);
    if (isSavedModel(this.#model)) await readyFor(this.#model);
    const captured = isSavedModel(this.#model)
      ? capturedOf(this.#model, savedOptions(this.where, this.#model.state, this.options))
      : await this.#capture(this.#model, forMode(this.options, this.#use.mode));
    const dataset = sampleData(captured, this.#use.batchSize, data);
    const work: Work = { captured, ...this.#use, dataset };
    const graph = graphOf(work);
    const { where, deadline } = this;
    const started = await startFirst(probes, { where, graph, deadline, signal, onProgress });
    return { ...started, work, graph };
  }

  /** "10,000 steps of 64" */
  get what(): string {
    const { mode, steps, batchSize } = this.#use;
    return `${steps.toLocaleString("en-US")} ${mode === "train" ? "steps" : "predictions"} of ${batchSize}`;
  }

  /** The words of a choice by measured times. @param others timed as well */
  measured(winner: Runner, others: readonly Runner[], lost: readonly Candidate[]): Told {
    const rest = [...others.map(slower), ...lost];
    const reason = timesText(winner);
    return toldOf(this.where, winner, reason, rest, { of: this.what, figures: winner.figures });
  }

  async keep(winner: Runner, { why, candidates }: Told): Promise<void> {
    if (this.#kept === undefined) return;
    const { info, target, local } = winner.device;
    const choice: Choice = {
      madeMs: Date.now(),
      name: winner.name,
      info,
      target,
      local: local !== undefined,
      why,
      candidates,
    };
    await remember(this.#kept.store, this.#kept.key, choice);
  }
}

export function deadlineOf({ budgetMs }: PickOptions): Deadline | undefined {
  return budgetMs === undefined ? undefined : { atMs: performance.now() + budgetMs, budgetMs };
}

/** The choice in words where nothing was timed. @param lost all others, and what else is known of the first */
export function firstOf(where: string, first: Runner, lost: readonly Candidate[]): Told {
  const others = lost.filter(({ name }) => name !== first.name);
  const took = timeText(first.readyMs);
  return toldOf(where, first, `the first that was ready and right, after ${took}`, others);
}

/** A choice in words, with what would help where plain JavaScript is all that could be had: that is said on the console too, once. */
export function toldOf(
  where: string,
  { name, hint, device }: Runner,
  reason: string,
  others: readonly Candidate[],
  measured?: { readonly of: string; readonly figures: Candidate["figures"] },
): Told {
  const { info } = device;
  const chosen: Candidate = {
    name,
    outcome: "chosen",
    reason,
    ...(hint !== undefined && { hint }),
    ...(measured?.figures && { figures: measured.figures }),
  };
  const start = `${name} (${info.description}): ${reason}${measured ? ` for ${measured.of}` : ""}`;
  return withHint(where, info.kind, sentence(start, others), [chosen, ...others]);
}

function withHint(
  where: string,
  kind: DeviceInfo["kind"],
  why: string,
  candidates: readonly Candidate[],
): Told {
  const [chosen, ...others] = candidates;
  const slow = kind === "cpu" ? slowHint(others) : undefined;
  if (slow !== undefined) sayOnce(where, slow);
  return { why, candidates, hint: slow ?? chosen?.hint };
}

function after(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds));
}

function sameInfo(probed: DeviceInfo, chosen: Choice["info"]): boolean {
  return probed.description === chosen.description && probed.numerics === chosen.numerics;
}

/** What a model is trained with plays no part in a prediction, and so any model will do. */
function forMode(options: PickOptions, mode: Mode): CaptureOptions {
  if (mode === "train") return options;
  const { inputShape } = options;
  const anyTraining = { loss: "meanSquaredError", metrics: [], optimizer: "sgd" };
  return inputShape ? { ...anyTraining, inputShape } : anyTraining;
}

/** @throws BadArgument for what a saved model says itself */
function savedOptions(
  where: string,
  { optimizer: own }: SavedModel["state"],
  { optimizer, seed, ...others }: PickOptions,
): { readonly optimizer?: Optimizer; readonly seed?: number } {
  for (const name of ["loss", "lossWeights", "metrics", "labelShape", "inputShape"] as const) {
    if (others[name] === undefined) continue;
    const what = `a saved model has its own ${name}. Leave it out.`;
    throw new HoneError("BadArgument", where, what);
  }
  if (optimizer === undefined) checkOptimizer({ ...own });
  const made = optimizer === undefined ? undefined : optimizerOf(optimizer, where);
  return {
    ...(made && { optimizer: made }),
    ...(seed !== undefined && { seed: checkedSeed(seed) }),
  };
}
