/** The way in: a tf.LayersModel becomes a session on a device. */
import type { Device } from "./backend.js";
import { type CaptureOptions, captureModel } from "./capture.js";
import { HoneError } from "./errors.js";
import { Session } from "./run/session.js";
import type { LayersModelLike } from "./trace/tfjs-types.js";

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
 * @throws UnsupportedModel, naming the layer and what to do; BadArgument; with `latency` also
 * BackendUnavailable, when the calling thread cannot compute, and DeviceLost
 */
export async function compile<Model extends LayersModelLike>(
  model: Model,
  options: CompileOptions,
): Promise<Session<Model>> {
  checkOptions(options);
  const { variables, ...captured } = captureModel(model, options);
  return new Session<Model>({
    ...captured,
    device: options.device,
    writeBack: variables.writeTo,
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
  if (typeof options?.device?.load === "function") return;
  const what = "there is no device. Give `device`: what `pickFastest` or a backend's `open` gives.";
  throw new HoneError("BadArgument", "compile", what);
}
