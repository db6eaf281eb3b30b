/** The way in: a tf.LayersModel becomes a session on a device. */
import { checkAborted, untilAborted } from "./abort.js";
import type { Backend, Device } from "./backend.js";
import { type CapturedModel, captureModel, captureWhole, declaredInputs } from "./capture.js";
import { CAPTURE_OPTIONS, type CaptureOptions, TFJS_COMPILE_OPTIONS } from "./capture-options.js";
import { checkDevice, localDevice } from "./compile-device.js";
import type { SavedCompileOptions } from "./compile-saved.js";
import { HoneError } from "./errors.js";
import { FAILOVER_OPTION, failoverFor } from "./failover-for.js";
import { encodeSaved } from "./io/encode-saved.js";
import type { Checkpoint } from "./run/checkpoint.js";
import type { FailoverOptions } from "./run/failover.js";
import { checkOptions, isBoolean, isObject, SIGNAL_OPTION } from "./run/options.js";
import { isSavedModel, type SavedModel } from "./run/saved-model.js";
import { Session } from "./run/session.js";
import { loadParts } from "./trace/on-demand.js";
import type { LayersModelLike } from "./trace/tfjs-types.js";
import type { CapturedWeights } from "./trace/weights.js";

/** How a model is trained, and on what. */
export interface CompileOptions extends CaptureOptions {
  /** What `fastest`, `pickFastest` or a backend's `open` gives. */
  readonly device: Device;
  /**
   * True predicts up to 8 rows on the calling thread, where the device lives in a worker on the same
   * processor (wasm, cpu): the same bits without the 0.1 ms or so that messages take. It costs a second
   * copy of the weights, read anew by the first prediction after they have changed, and the calling
   * thread waits while it computes: a loop that only awaits predictions lets nothing else in. Other
   * devices predict as they do without it.
   */
  readonly latency?: boolean;
  /**
   * A session of this device with whose model this one has layers in common: what either trains, the other has too. A
   * GAN's discriminator and the model that ends in it, or an encoder alone and in its autoencoder.
   */
  readonly share?: Pick<Session<never>, "device" | "sharing">;
  /**
   * What to go on with when the device is lost, has no memory left, hangs, or gives NaN that another does not: backends,
   * the best first, or more to say of it. A device from `fastest` or `pickFastest` remembers the others that work; false takes none.
   */
  readonly failover?: readonly Backend[] | FailoverOptions | false;
  /**
   * A checkpoint to go on from: weights, the optimizer's slots, counters, the training it was in. Optimizer and seed are
   * its own unless given; model, loss and metrics must be those it was made of.
   */
  readonly resume?: Checkpoint;
  /** Ends it where it waits. */
  readonly signal?: AbortSignal;
}

/**
 * Makes a model that `session.save` has written ready to learn further, and to predict. Nothing runs yet.
 * @throws BadArgument; BackendUnavailable, as for a tf.LayersModel
 */
export async function compile(
  model: SavedModel,
  options: SavedCompileOptions,
): Promise<Session<SavedModel>>;
/**
 * Captures a model and makes it ready to learn; the model itself is left as it was. Nothing runs yet.
 * @throws UnsupportedModel, naming the layer and what to do; BadArgument; BackendUnavailable, when the
 * device speaks another version of the contract, or with `latency` the calling thread cannot compute;
 * with `latency` also DeviceLost
 */
export async function compile<Model extends LayersModelLike>(
  model: Model,
  options: CompileOptions,
): Promise<Session<Model>>;
export async function compile(
  model: LayersModelLike | SavedModel,
  options: CompileOptions | SavedCompileOptions,
): Promise<Session<never>> {
  if (!isSavedModel(model)) return compileLayers(model, options as CompileOptions);
  const { compileSaved } = await import("./compile-saved.js");
  return compileSaved(model, options as SavedCompileOptions);
}

async function compileLayers<Model extends LayersModelLike>(
  model: Model,
  options: CompileOptions,
): Promise<Session<Model>> {
  checkCompileOptions(options);
  checkAborted(options.signal, "compile");
  const { device, latency, share } = options;
  const going = options.resume && (await import("./run/session-keeping.js"));
  const resume = going?.resumable(options.resume);
  const failover = await failoverFor(device, options.failover);
  const settings = {
    ...options,
    ...(resume && options.optimizer === undefined && { optimizer: resume.optimizer }),
    ...(resume && options.seed === undefined && { seed: resume.seed }),
  };
  // Who names an optimizer will train: what does that comes while the model is traced. Should it fail, training says so.
  if (settings.optimizer !== undefined) import("./run/session-training.js").catch(() => undefined);
  const localOf = async (of: Device) => (latency ? localDevice(of) : undefined);
  const inputs = declaredInputs(model);
  const first = await capturedAtOnce(model, settings, inputs);
  let variables: CapturedWeights | undefined;
  return new Session<Model>({
    device,
    name: model?.name,
    encode: encodeSaved,
    inputs,
    capture: (rowShapes) => {
      const captured = first ?? captureModel(model, settings, rowShapes);
      variables ??= captured.variables;
      return captured;
    },
    writeBack: (to, values) => variables?.writeTo(to, values),
    valuesOf: (other) => variables?.valuesOf(other as LayersModelLike) ?? [],
    local: await untilAborted(localOf(device), options.signal, "compile"),
    localOf,
    failover,
    resume,
    checkResume: going?.checkResumed,
    shared: await share?.sharing(),
    variables: () => variables?.places.map(({ variable }) => variable) ?? [],
  });
}

/** A model that knows its own shapes; one that waits for data is captured then, with all parts at hand. */
async function capturedAtOnce(
  model: LayersModelLike,
  settings: CaptureOptions,
  inputs: ReturnType<typeof declaredInputs>,
): Promise<CapturedModel | undefined> {
  if (!inputs.some(({ shape }) => shape.includes(null))) return captureWhole(model, settings);
  await loadParts();
  return undefined;
}

const OPTIONS = {
  ...CAPTURE_OPTIONS,
  device: { is: isObject, wanted: "what `fastest`, `pickFastest` or a backend's `open` gives" },
  latency: { is: isBoolean, wanted: "true or false" },
  share: {
    is: (value: unknown) => isObject(value) && "sharing" in (value as object),
    wanted: "a session",
  },
  failover: FAILOVER_OPTION,
  resume: { is: isObject, wanted: "a checkpoint" },
  signal: SIGNAL_OPTION,
};

/** What plain JavaScript lets through, and would only fail deep inside. */
function checkCompileOptions(options: CompileOptions): void {
  checkDevice(options?.device);
  checkOptions("compile", options, OPTIONS, TFJS_COMPILE_OPTIONS);
  if (options.share && options.share.device !== options.device) {
    const what = "the session to share with is on another device. Compile both for one.";
    throw new HoneError("BadArgument", "compile", what);
  }
}
