/** The backends of the command line, by name. */
import { type Backend, type Device, pickFastest } from "@hone/core";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";

export const backendChoices = ["auto", "webgpu", "wasm", "cpu"] as const;
export type BackendChoice = (typeof backendChoices)[number];

export interface DeviceRequest {
  readonly choice: BackendChoice;
  /** From `allBackends`. */
  readonly backends: readonly Backend[];
  readonly model: unknown;
  readonly batchSize: number;
}

/**
 * Every backend, from the one most likely to be fast to the slowest; none is opened or asked yet.
 * @param threads of wasm; its own default unless given
 * @throws BadArgument when a backend does not take these settings
 */
export function allBackends(threads?: number): readonly Backend[] {
  return [webgpu(), wasm(threads === undefined ? {} : { threads }), cpu()];
}

/** @throws BackendUnavailable, with the reason and what would help */
export async function openDevice(
  request: DeviceRequest,
): Promise<{ readonly device: Device; readonly why: string }> {
  const { choice, backends, model, batchSize } = request;
  if (choice === "auto") {
    const device = await pickFastest(backends, { for: model, batchSize });
    return { device, why: device.why };
  }
  const backend = backends.find(({ name }) => name === choice)!;
  return { device: await backend.open(), why: `asked for with --backend ${choice}` };
}
