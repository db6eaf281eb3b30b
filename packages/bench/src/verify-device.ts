/** Stand-in until core has it. */
import type { Device } from "@hone/core";

export async function verifyDevice(
  _device: Device,
  _options?: { readonly timeoutMs?: number },
): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }> {
  return { ok: true };
}
