/** The backends of the command line, by name. */
import {
  type Backend,
  type Candidate,
  type ChoiceStore,
  type Device,
  type LayersModelLike,
  type PickOptions,
  pickFastest,
} from "@hone/core";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";
import { choiceFiles, measuredAnew } from "./choice-files.js";
import type { Terminal } from "./terminal.js";

export const backendChoices = ["auto", "webgpu", "wasm", "cpu"] as const;
export type BackendChoice = (typeof backendChoices)[number];

/** The choice that stands for a backend's name; `auto` for one that is no choice. */
export function asBackendChoice(name: string): BackendChoice {
  return backendChoices.find((choice) => choice === name) ?? "auto";
}

export interface DeviceRequest
  extends Pick<PickOptions, "mode" | "steps" | "optimizer" | "loss" | "metrics" | "data"> {
  readonly choice: BackendChoice;
  /** From `allBackends`. */
  readonly backends: readonly Backend[];
  readonly model: LayersModelLike;
  readonly batchSize: number;
  /** Told what is being tried, which may take seconds. */
  readonly terminal?: Terminal;
}

/**
 * Every backend, from the one most likely to be fast to the slowest; none is opened or asked yet.
 * @param threads of wasm; its own default unless given
 * @throws BadArgument when a backend does not take these settings
 */
export function allBackends(threads?: number): readonly Backend[] {
  return [webgpu(), wasm(threads === undefined ? {} : { threads }), cpu()];
}

export interface OpenedDevice {
  readonly device: Device;
  readonly why: string;
  /** What was looked at; none where the backend was asked for. */
  readonly candidates: readonly Candidate[];
}

/**
 * The backend asked for, or for `auto` the fastest at this very work: measured, or remembered from the last
 * time. @throws BackendUnavailable, with the reason and what would help
 */
export async function openDevice(request: DeviceRequest): Promise<OpenedDevice> {
  const { choice, backends, model, terminal, ...use } = request;
  if (choice === "auto") {
    const onProgress = (what: string) => terminal?.show(`choosing a backend: ${what}`);
    const pick = (store: ChoiceStore) =>
      pickFastest(backends, { for: model, ...use, store, onProgress });
    let device = await pick(choiceFiles());
    try {
      // One that is remembered opens only now: the driver may have changed, or the file may say anything.
      await device.memory();
    } catch {
      await device.close();
      device = await pick(measuredAnew(choiceFiles()));
    }
    terminal?.show("");
    return { device, why: device.why, candidates: device.candidates };
  }
  const backend = backends.find(({ name }) => name === choice)!;
  const why = `asked for with --backend ${choice}`;
  return { device: await backend.open(), why, candidates: [] };
}
