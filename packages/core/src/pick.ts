/** Chooses a backend at run time by measuring, and says why. */
import { deviceFault } from "./adapter/nonsense.js";
import { otherVersion } from "./adapter/spec-version.js";
import type { Backend, Device, DeviceInfo, Probe } from "./backend.js";
import {
  CAPTURE_OPTIONS,
  type CaptureOptions,
  captureModel,
  TFJS_COMPILE_OPTIONS,
} from "./capture.js";
import { HoneError } from "./errors.js";
import { type Candidate, timeText } from "./pick/candidate.js";
import {
  type Choice,
  type ChoiceStore,
  choiceKey,
  forget,
  memoryStore,
  recall,
  remember,
} from "./pick/choice-cache.js";
import { deferredDevice } from "./pick/deferred-device.js";
import { probeOf } from "./pick/probe.js";
import { race, timesText } from "./pick/race.js";
import { Runner } from "./pick/runner.js";
import { verifyDevice } from "./pick/verify-device.js";
import { graphOf, type Mode, sampleData, type Work } from "./pick/work.js";
import type { Dataset } from "./run/dataset.js";
import {
  checkOptions,
  isAnything,
  isBoolean,
  isFunction,
  isObject,
  type Option,
  type OtherNames,
} from "./run/options.js";
import { wholeNumber } from "./run/whole-number.js";
import type { LayersModelLike } from "./trace/tfjs-types.js";
import { messageOf, valueText } from "./value-text.js";

export type { Candidate, CandidateFigures } from "./pick/candidate.js";
export type { ChoiceStore } from "./pick/choice-cache.js";

export interface PickOptions extends CaptureOptions {
  /** The model the device is wanted for. Without one nothing is timed: the choice goes by kind. */
  readonly for?: LayersModelLike;
  /** What it will do; `train` unless given. */
  readonly mode?: Mode;
  /** Rows of one step, or of one prediction; 64 to train and 1 to predict unless given. */
  readonly batchSize?: number;
  /** How many steps or predictions the device is wanted for; 10,000 unless given. */
  readonly steps?: number;
  /**
   * Milliseconds the others may take together once one is ready. Unless given, each may take a tenth of what the
   * best so far needs for all steps to get ready, a GPU half of that; from 1 to 10 seconds.
   */
  readonly budgetMs?: number;
  /** As in `compile`: small predictions are made on the calling thread. */
  readonly latency?: boolean;
  /** To take the time on; noise of the model's shapes unless given. */
  readonly data?: Dataset;
  /** Keeps choices; those of this process unless given. `false` measures anew and keeps nothing. */
  readonly cache?: ChoiceStore | false;
  /** Told of each candidate that is being looked at. */
  readonly onProgress?: (what: string) => void;
}

export type PickedDevice = Device & {
  /** The choice and its reason: the winner's figure, and why each other one lost or was refused. */
  readonly why: string;
  /** The chosen one first. */
  readonly candidates: readonly Candidate[];
  /** The backends behind those that were not refused, the chosen one first: what a session goes on with if it fails. */
  readonly backends: readonly Backend[];
};

interface Usable {
  readonly backend: Backend;
  readonly probe: Extract<Probe, { readonly ok: true }>;
}

/** Which to make ready first: those that are ready soonest, and fast. */
const READY_ORDER: readonly DeviceInfo["kind"][] = ["wasm", "gpu", "cpu", "software-gpu"];

/**
 * From fast to slow where nothing can be timed. A GPU emulated in software stands below wasm, since both
 * then run on the same processor and wasm does so without the detour.
 */
const SPEED_ORDER: readonly DeviceInfo["kind"][] = ["gpu", "wasm", "software-gpu", "cpu"];

const DEFAULT_STEPS = 10_000;
const PROBE_LIMIT_MS = 5;
const defaultStore = memoryStore();

/**
 * Opens the backend that will have done the work first: the least of open + compile + steps × time per step, as
 * measured on the user's own program. Before a device is trusted it must solve small training problems with
 * known answers. Losers are closed. The choice is kept: asked again, it is there at once, and the device
 * opens while the program is being captured.
 * @throws BackendUnavailable when none works, with each one's reason and hint; BadArgument; UnsupportedModel
 */
export async function pickFastest(
  backends: readonly Backend[],
  options: PickOptions = {},
): Promise<PickedDevice> {
  checkPicking(backends, options);
  if (options.for === undefined) return pickByKind(backends, options);
  const { mode = "train", latency = false, cache = defaultStore, budgetMs } = options;
  const batchSize = wholeNumber("batchSize", options.batchSize ?? (mode === "train" ? 64 : 1));
  const steps = wholeNumber("steps", options.steps ?? DEFAULT_STEPS);

  const key = choiceKey({
    model: options.for,
    backends: backends.map(({ name }) => name),
    settings: options,
    use: {
      mode,
      batchSize,
      steps,
      latency,
      budgetMs,
      rowShape: options.data && Object.values(options.data.columns).map(({ shape }) => shape),
    },
  });
  const known = cache && key !== undefined ? await recalled(backends, cache, key) : undefined;
  if (known) return known;

  const captured = captureModel(options.for, forMode(options, mode));
  const dataset = sampleData(captured, batchSize, options.data);
  const work: Work = { captured, mode, batchSize, steps, latency, dataset };
  const graph = graphOf(work);
  const { usable, refused } = await probeAll(backends);
  usable.sort(byKind(READY_ORDER));
  const runners = usable.map(({ backend, probe }) => {
    return new Runner(backend, probe.info.kind, probe.hint, work);
  });
  const raceOptions = { graph, budgetMs, onProgress: options.onProgress };
  const { winner, others, cleanUp } = await race(runners, raceOptions);
  const lost = [...others, ...refused];
  if (winner === undefined) throw noneWorks(backends, lost);

  const what = `${steps.toLocaleString("en-US")} ${mode === "train" ? "steps" : "predictions"} of ${batchSize}`;
  const reason = timesText(winner);
  const hint = winner.hint === undefined ? {} : { hint: winner.hint };
  const chosen: Candidate = {
    name: winner.name,
    outcome: "chosen",
    reason,
    ...hint,
    figures: winner.figures,
  };
  const candidates = [chosen, ...lost];
  const { device } = winner;
  const why = sentence(`${winner.name} (${device.info.description}): ${reason} for ${what}`, lost);
  if (cache && key !== undefined) {
    const { info, target } = device;
    const local = device.local !== undefined;
    const madeMs = Date.now();
    await remember(cache, key, { madeMs, name: winner.name, info, target, local, why, candidates });
  }
  return picked(device, why, candidates, backends, cleanUp);
}

/** The first by kind that opens and computes right; the others stay unopened. */
async function pickByKind(
  backends: readonly Backend[],
  { onProgress }: PickOptions,
): Promise<PickedDevice> {
  const { usable, refused } = await probeAll(backends);
  usable.sort(byKind(SPEED_ORDER));
  for (const [index, { backend, probe }] of usable.entries()) {
    const { kind } = probe.info;
    let device: Device;
    try {
      onProgress?.(`opening ${backend.name}`);
      device = await backend.open();
    } catch (error) {
      refused.push(refusal(backend.name, messageOf(error)));
      continue;
    }
    onProgress?.(`trying ${backend.name} on known answers`);
    const fault = deviceFault(device);
    const verdict = fault === undefined ? await verifyDevice(device) : undefined;
    if (!verdict?.ok) {
      refused.push(refusal(backend.name, fault ?? verdict?.reason ?? ""));
      await closed(device);
      continue;
    }
    const others = usable.slice(index + 1).map((other): Candidate => {
      const reason = `a ${other.probe.info.kind} device ranks below a ${kind} device`;
      return { name: other.backend.name, outcome: "not needed", reason };
    });
    const lost = [...others, ...refused];
    const reason = `the first of ${SPEED_ORDER.join(", ")} that works here; by kind, since no model to time was given`;
    const chosen: Candidate = { name: backend.name, outcome: "chosen", reason };
    const why = sentence(`${backend.name} (${device.info.description}): ${reason}`, lost);
    return picked(device, why, [chosen, ...lost], backends, Promise.resolve());
  }
  throw noneWorks(backends, refused);
}

/** Closes what may be no device at all. */
async function closed(device: Device): Promise<void> {
  try {
    await device.close();
  } catch {
    // It was refused already, for a better reason.
  }
}

/** The device of a remembered choice, if it still seems to be there. */
async function recalled(
  backends: readonly Backend[],
  store: ChoiceStore,
  key: string,
): Promise<PickedDevice | undefined> {
  const choice = await recall(store, key);
  const backend = choice && backends.find(({ name }) => name === choice.name);
  if (!choice || !backend) return undefined;
  // A choice may have been kept by another release.
  if (otherVersion(backend) ?? otherVersion(choice.target)) return undefined;
  // Some drivers take long to answer. The device that opens is compared with the one remembered all the same.
  const probe = await Promise.race([probeOf(backend), after(PROBE_LIMIT_MS)]);
  if (probe && !(probe.ok && sameInfo(probe.info, choice.info))) {
    await forget(store, key);
    return undefined;
  }
  const device = deferredDevice(backend, choice, () => void forget(store, key));
  const ago = timeText(Math.max(1000, Date.now() - choice.madeMs));
  return picked(device, `${choice.why} (measured ${ago} ago)`, choice.candidates, backends);
}

function after(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds));
}

function sameInfo(probed: DeviceInfo, chosen: Choice["info"]): boolean {
  return probed.description === chosen.description && probed.numerics === chosen.numerics;
}

function picked(
  device: Device,
  why: string,
  candidates: readonly Candidate[],
  backends: readonly Backend[],
  cleanUp: Promise<unknown> = Promise.resolve(),
): PickedDevice {
  const close = device.close.bind(device);
  const working = candidates.filter(({ outcome }) => outcome !== "refused");
  return Object.assign(device, {
    why,
    candidates,
    backends: working.flatMap(
      ({ name }) => backends.find((backend) => backend.name === name) ?? [],
    ),
    close: async () => {
      await Promise.all([close(), cleanUp]);
    },
  });
}

async function probeAll(
  backends: readonly Backend[],
): Promise<{ readonly usable: Usable[]; readonly refused: Candidate[] }> {
  const usable: Usable[] = [];
  const refused: Candidate[] = [];
  const probes = await Promise.all(backends.map(probeOf));
  for (const [index, probe] of probes.entries()) {
    const backend = backends[index] as Backend;
    if (probe.ok) usable.push({ backend, probe });
    else refused.push({ ...refusal(backend.name, probe.reason), hint: probe.hint });
  }
  return { usable, refused };
}

const byKind = (order: readonly DeviceInfo["kind"][]) => (a: Usable, b: Usable) =>
  order.indexOf(a.probe.info.kind) - order.indexOf(b.probe.info.kind);

/** What a model is trained with plays no part in a prediction, and so any model will do. */
function forMode(options: PickOptions, mode: Mode): CaptureOptions {
  if (mode === "train") return options;
  const { inputShape } = options;
  const anyTraining = { loss: "meanSquaredError", metrics: [], optimizer: "sgd" };
  return inputShape ? { ...anyTraining, inputShape } : anyTraining;
}

const PICK_OPTIONS: Readonly<Record<keyof PickOptions, Option>> = {
  ...CAPTURE_OPTIONS,
  for: { is: isObject, wanted: "a tf.LayersModel" },
  mode: { is: isAnything, wanted: "train or predict" },
  batchSize: { is: isAnything, wanted: "a whole number above 0" },
  steps: { is: isAnything, wanted: "a whole number above 0" },
  budgetMs: { is: isAnything, wanted: "a number of milliseconds from 0" },
  latency: { is: isBoolean, wanted: "true or false" },
  data: {
    is: (value) => isObject((value as Partial<Dataset> | null)?.columns),
    wanted: "a data set",
  },
  cache: {
    is: (value) => value === false || isFunction((value as Partial<ChoiceStore> | null)?.getItem),
    wanted: "false, or what keeps choices, as localStorage",
  },
  onProgress: { is: isFunction, wanted: "a function of a text" },
};

/** What people look for here that is elsewhere. */
const OTHER_OPTIONS: OtherNames = {
  ...TFJS_COMPILE_OPTIONS,
  model: "It is called `for`",
  device: "The first argument is the list of backends: [wasm(), webgpu()]",
};

function checkPicking(backends: readonly Backend[], options: PickOptions): void {
  const wrong = (where: string, what: string) => new HoneError("BadArgument", where, what);
  if (!Array.isArray(backends) || backends.length === 0 || !backends.every(isBackend)) {
    const found = Array.isArray(backends)
      ? `[${backends.map(valueText).join(", ")}]`
      : valueText(backends);
    const help = "Give a list of backends, such as [webgpu(), wasm(), cpu()]";
    throw wrong("pickFastest", `${found} was given. ${help}.`);
  }
  checkOptions("pickFastest", options, PICK_OPTIONS, OTHER_OPTIONS);
  const { mode, budgetMs, batchSize, steps } = options;
  if (batchSize !== undefined) wholeNumber("batchSize", batchSize);
  if (steps !== undefined) wholeNumber("steps", steps);
  if (mode !== undefined && mode !== "train" && mode !== "predict") {
    throw wrong("mode", `it is ${valueText(mode)}. Give train or predict.`);
  }
  if (budgetMs !== undefined && !(typeof budgetMs === "number" && budgetMs >= 0)) {
    throw wrong("budgetMs", `it is ${valueText(budgetMs)}. Give a number of milliseconds from 0.`);
  }
}

const isBackend = (one: unknown): boolean =>
  typeof one === "object" && one !== null && typeof (one as Partial<Backend>).open === "function";

function refusal(name: string, reason: string): Candidate {
  return { name, outcome: "refused", reason: reason.replace(/^\[hone\] /, "").replace(/\.$/, "") };
}

function sentence(start: string, lost: readonly Candidate[]): string {
  return [start, ...lost.map(explained)].join("; ");
}

function explained({ name, outcome, reason, hint }: Candidate): string {
  const help = outcome === "refused" && hint !== undefined ? ` (${hint.replace(/\.$/, "")})` : "";
  return `${name} ${outcome}: ${reason}${help}`;
}

function noneWorks(backends: readonly Backend[], lost: readonly Candidate[]): HoneError {
  const what = `none of ${backends.length} backends works here. ${lost.map(explained).join(". ")}.`;
  return new HoneError("BackendUnavailable", "pickFastest", what);
}
