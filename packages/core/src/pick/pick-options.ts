/** What `pickFastest` and `fastest` may be told. */
import type { Backend } from "../backend.js";
import { CAPTURE_OPTIONS, type CaptureOptions, TFJS_COMPILE_OPTIONS } from "../capture-options.js";
import { HoneError } from "../errors.js";
import type { Dataset } from "../run/dataset.js";
import {
  checkOptions,
  isAnything,
  isBoolean,
  isFunction,
  isObject,
  type Option,
  type OtherNames,
  SIGNAL_OPTION,
} from "../run/options.js";
import type { SavedModel } from "../run/saved-model.js";
import { wholeNumber } from "../run/whole-number.js";
import type { LayersModelLike } from "../trace/tfjs-types.js";
import { valueText } from "../value-text.js";
import type { ChoiceStore } from "./choice-cache.js";
import type { Mode } from "./work.js";

/** What `pickFastest` and `fastest` choose for, and how. */
export interface PickOptions extends CaptureOptions {
  /** The model the device is wanted for. Without one nothing is timed: the choice goes by kind. */
  readonly for?: LayersModelLike | SavedModel;
  /** What it will do; `train` unless given. */
  readonly mode?: Mode;
  /** Rows of one step, or of one prediction; 64 to train and 1 to predict unless given. */
  readonly batchSize?: number;
  /** How many steps or predictions the device is wanted for; 10,000 unless given. */
  readonly steps?: number;
  /**
   * Milliseconds that all of it may take together: opening, trials and measuring. What is not ready by then is closed,
   * and where nothing is ready it is an error. Unless given, each other one may take a tenth of what the best so far
   * needs for all steps to get ready, a GPU half of that; from 1 to 10 seconds.
   */
  readonly budgetMs?: number;
  /** As in `compile`: small predictions are made on the calling thread. */
  readonly latency?: boolean;
  /** To take the time on; noise of the model's shapes unless given. */
  readonly data?: Dataset;
  /**
   * Keeps choices. Unless given: in a page its `localStorage`, elsewhere this process's memory. `false` measures anew
   * and keeps nothing.
   */
  readonly store?: ChoiceStore | false;
  /** Ends it: what is open or opening is closed, and the error is Aborted. */
  readonly signal?: AbortSignal;
  /** Told of each candidate that is being looked at. */
  readonly onProgress?: (what: string) => void;
}

const PICK_OPTIONS: Readonly<Record<keyof PickOptions, Option>> = {
  ...CAPTURE_OPTIONS,
  for: { is: isObject, wanted: "a tf.LayersModel, or a model that was saved" },
  mode: { is: isAnything, wanted: "train or predict" },
  batchSize: { is: isAnything, wanted: "a whole number above 0" },
  steps: { is: isAnything, wanted: "a whole number above 0" },
  budgetMs: { is: isAnything, wanted: "a number of milliseconds from 0" },
  latency: { is: isBoolean, wanted: "true or false" },
  data: {
    is: (value) => isObject((value as Partial<Dataset> | null)?.columns),
    wanted: "a data set",
  },
  store: {
    is: (value) => value === false || isFunction((value as Partial<ChoiceStore> | null)?.getItem),
    wanted: "false, or what keeps choices, as localStorage",
  },
  signal: SIGNAL_OPTION,
  onProgress: { is: isFunction, wanted: "a function of a text" },
};

/** What people look for here that is elsewhere. */
const OTHER_OPTIONS: OtherNames = {
  ...TFJS_COMPILE_OPTIONS,
  model: "It is called `for`",
  cache: "It is called `store`",
  device: "The first argument is the list of backends: [wasm(), webgpu()]",
};

/** @throws BadArgument @param where the function that was given them */
export function checkPicking(
  where: string,
  backends: readonly Backend[],
  options: PickOptions,
): void {
  const wrong = (place: string, what: string) => new HoneError("BadArgument", place, what);
  if (!Array.isArray(backends) || backends.length === 0 || !backends.every(isBackend)) {
    const found = Array.isArray(backends)
      ? `[${backends.map(valueText).join(", ")}]`
      : valueText(backends);
    const help = "Give a list of backends, such as [webgpu(), wasm(), cpu()]";
    throw wrong(where, `${found} was given. ${help}.`);
  }
  checkOptions(where, options, PICK_OPTIONS, OTHER_OPTIONS);
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
