/** Tries a device on problems whose answers are known. */
import type { Device } from "../backend.js";
import { HoneError } from "../errors.js";
import { checkOptions, type Option } from "../run/options.js";
import type { Verdict, VerifyOptions } from "./verdict.js";

export type { Verdict, VerifyOptions } from "./verdict.js";

/**
 * Trains small networks, one for each family of ops, and compares losses, gradients, weights and
 * predictions with answers made in 64 bits: every weight must move, and be right. What a device cannot
 * train it only predicts. Never throws for what a device does.
 * @throws BadArgument for what is no device, and for unknown options
 */
export async function verifyDevice(device: Device, options: VerifyOptions = {}): Promise<Verdict> {
  checkVerifying(device, options);
  return (await import("./trial.js")).tried(device, options);
}

/** Loads and makes what a device will be tried on; what hinders that is said when one is. */
export async function readyToVerify(): Promise<void> {
  try {
    await (await import("./trial.js")).readied();
  } catch {
    // The trial meets it again.
  }
}

const OPTIONS: Readonly<Record<keyof VerifyOptions, Option>> = {
  ops: { is: Array.isArray, wanted: "a list of ops" },
  timeoutMs: {
    is: (value) => typeof value === "number" && value > 0,
    wanted: "milliseconds above 0",
  },
};

function checkVerifying(device: Device, options: VerifyOptions): void {
  if (typeof (device as Partial<Device> | undefined | null)?.load !== "function") {
    const what =
      "it is given no device. Give what `fastest`, `pickFastest` or a backend's `open` gives.";
    throw new HoneError("BadArgument", "verifyDevice", what);
  }
  checkOptions("verifyDevice", options, OPTIONS);
}
