/** Finds an adapter, wherever WebGPU comes from: a page has its own (page-gpu.ts), Node a package (node-gpu.ts). */

import { type DeviceInfo, HoneError, messageOf, type Probe } from "@hone/core/hosted";
import { describe, NAME } from "./info.js";

/** Which GPU is asked for. */
export interface WebgpuOptions {
  readonly powerPreference?: GPUPowerPreference;
  /** Gives the `GPU` object to use instead of the one found here. */
  readonly provider?: () => Promise<GPU>;
}

export interface FoundAdapter {
  readonly ok: true;
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  readonly info: DeviceInfo;
}

export type Found = FoundAdapter | ({ readonly ok: false } & Unfound);

export interface Unfound {
  readonly reason: string;
  readonly hint: string;
}

/** Where WebGPU comes from on a platform that has none of its own. */
export interface GpuSource {
  find(): Promise<{ readonly gpu: GPU } | Unfound>;
  /** What would help where WebGPU is there and gives no adapter. */
  adapterHint(): string;
}

/** The platform's own; undefined in Node and in browsers without it, though typed as always there. */
export function nativeGpu(): GPU | undefined {
  return (globalThis.navigator as Navigator | undefined)?.gpu as GPU | undefined;
}

/** An adapter, or why there is none and what would help. Never throws. */
export async function findAdapter(
  options: WebgpuOptions,
  source: () => Promise<GpuSource>,
): Promise<Found> {
  const here = await source();
  try {
    const gpu = options.provider ? await options.provider() : nativeGpu();
    const found = gpu ? { gpu } : await here.find();
    if ("reason" in found) return { ok: false, ...found };
    const adapter = await found.gpu.requestAdapter(
      options.powerPreference ? { powerPreference: options.powerPreference } : {},
    );
    if (adapter) return { ok: true, gpu: found.gpu, adapter, info: describe(adapter) };
    return { ok: false, reason: "WebGPU is here, but it found no GPU", hint: here.adapterHint() };
  } catch (error) {
    const reason = `WebGPU failed to start (${messageOf(error)})`;
    return { ok: false, reason, hint: here.adapterHint() };
  }
}

export function probeOf(found: Found): Probe {
  return found.ok ? { ok: true, info: found.info } : found;
}

export function unavailable({ reason, hint }: Unfound): HoneError {
  return new HoneError("BackendUnavailable", NAME, `${reason}. To use it: ${hint}.`);
}
