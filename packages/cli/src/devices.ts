/** The backends of the command line, by name. */
import { type Backend, type Device, pickFastest } from "@hone/core";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";

export const backendChoices = ["auto", "webgpu", "wasm", "cpu"] as const;
export type BackendChoice = (typeof backendChoices)[number];

export interface DeviceRequest {
  readonly choice: BackendChoice;
  /** Of wasm; its own default unless given. */
  readonly threads?: number;
  readonly model: unknown;
  readonly batchSize: number;
}

/** Every backend, from the one most likely to be fast to the slowest. */
export function allBackends(threads?: number): readonly Backend[] {
  return [webgpu(), wasm(threads === undefined ? {} : { threads }), cpu()];
}

/** @throws BackendUnavailable, with the reason and what would help */
export async function openDevice(
  request: DeviceRequest,
): Promise<{ readonly device: Device; readonly why: string }> {
  const { choice, threads, model, batchSize } = request;
  const backends = allBackends(threads);
  if (choice === "auto") {
    const device = await pickFastest(backends, { for: model, batchSize });
    return { device, why: device.why };
  }
  const backend = backends.find(({ name }) => name === choice)!;
  return { device: await backend.open(), why: `asked for with --backend ${choice}` };
}
