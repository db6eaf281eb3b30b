/** Which WebGPU adapters are no GPU at all. */

/** What a `GPUAdapterInfo` says, as far as it matters here. */
export interface AdapterWords {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

/** Names of the drivers that compute on the processor. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp/i;

/** All that an adapter says of itself, without what it leaves empty. */
export function adapterWords(info: AdapterWords): readonly string[] {
  const { vendor, architecture, device, description } = info;
  return [vendor, architecture, device, description].filter((word) => word !== "");
}

/** Whether the adapter emulates a GPU in software: it says so, or its name does. */
export function isSoftwareAdapter(info: AdapterWords): boolean {
  return info.isFallbackAdapter === true || SOFTWARE.test(adapterWords(info).join(" "));
}
