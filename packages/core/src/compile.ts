/** The way in: a tf.LayersModel becomes a session on a device. */
import { OTHER_VERSION_HINT, otherVersion } from "./adapter/spec-version.js";
import type { Device } from "./backend.js";
import { type CaptureOptions, captureModel } from "./capture.js";
import { HoneError } from "./errors.js";
import { Session } from "./run/session.js";
import type { LayersModelLike } from "./trace/tfjs-types.js";
import { writeWeights } from "./trace/weights.js";

export interface CompileOptions extends CaptureOptions {
  readonly device: Device;
  /**
   * True predicts up to 8 rows on the calling thread, where the device lives in a worker on the same
   * processor (wasm, cpu): the same bits without the 0.1 ms or so that messages take. It costs a second
   * copy of the weights, read anew by the first prediction after they have changed, and the calling
   * thread waits while it computes: a loop that only awaits predictions lets nothing else in. Other
   * devices predict as they do without it.
   */
  readonly latency?: boolean;
}

/**
 * Captures a model and makes it ready to learn; the model itself is left as it was. Nothing runs yet.
 * @throws UnsupportedModel, naming the layer and what to do; BadArgument; BackendUnavailable, when the
 * device speaks another version of the contract, or with `latency` the calling thread cannot compute;
 * with `latency` also DeviceLost
 */
export async function compile<Model extends LayersModelLike>(
  model: Model,
  options: CompileOptions,
): Promise<Session<Model>> {
  checkOptions(options);
  return new Session<Model>({
    ...captureModel(model, options),
    device: options.device,
    writeBack: writeWeights,
    local: options.latency ? await localDevice(options.device) : undefined,
  });
}

/** The device on the calling thread, if there is one and it gives the same bits. */
async function localDevice(device: Device): Promise<Device | undefined> {
  const local = await device.local?.();
  return local?.info.numerics === device.info.numerics ? local : undefined;
}

/** What plain JavaScript lets through, and would only fail deep inside. */
function checkOptions(options: CompileOptions): void {
  if (typeof options?.device?.load !== "function") {
    const what =
      "there is no device. Give `device`: what `pickFastest` or a backend's `open` gives.";
    throw new HoneError("BadArgument", "compile", what);
  }
  const { info, target } = options.device;
  const problem = otherVersion(target);
  if (problem === undefined) return;
  throw new HoneError("BackendUnavailable", info.backend, `${problem}. ${OTHER_VERSION_HINT}`);
}
