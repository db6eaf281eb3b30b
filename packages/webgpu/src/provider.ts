/** Finds an adapter, wherever WebGPU comes from: a page has its own (page-gpu.ts), Node a package (node-gpu.ts). */

import { messageOf } from "@hone/core/hosted";

export interface WebgpuOptions {
  readonly powerPreference?: GPUPowerPreference;
  /** Gives the `GPU` object to use instead of the one found here. */
  readonly provider?: () => Promise<GPU>;
}

export type Found =
  | { readonly ok: true; readonly gpu: GPU; readonly adapter: GPUAdapter }
  | ({ readonly ok: false } & Unfound);

export interface Unfound {
  readonly reason: string;
  readonly hint: string;
}

/** Where a platform's WebGPU comes from. */
export interface GpuSource {
  find(): Promise<{ readonly gpu: GPU } | Unfound>;
  /** What would help where WebGPU is there and gives no adapter. */
  adapterHint(): string;
}

/** An adapter, or why there is none and what would help. Never throws. */
export async function findAdapter(
  options: WebgpuOptions,
  source: () => Promise<GpuSource>,
): Promise<Found> {
  const here = await source();
  try {
    const found = options.provider ? { gpu: await options.provider() } : await here.find();
    if ("reason" in found) return { ok: false, ...found };
    const adapter = await found.gpu.requestAdapter(
      options.powerPreference ? { powerPreference: options.powerPreference } : {},
    );
    if (adapter) return { ok: true, gpu: found.gpu, adapter };
    return { ok: false, reason: "WebGPU is here, but it found no GPU", hint: here.adapterHint() };
  } catch (error) {
    const reason = `WebGPU failed to start (${messageOf(error)})`;
    return { ok: false, reason, hint: here.adapterHint() };
  }
}
