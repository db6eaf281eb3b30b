/** SHA-256 of bytes, in hexadecimal. */

/**
 * The system's own where it is there. Pages that are served neither over https nor from localhost have none
 * (`crypto.subtle` is kept to secure contexts); only they load another.
 */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const { subtle } = globalThis.crypto ?? {};
  const digest = subtle
    ? new Uint8Array(await subtle.digest("SHA-256", bytes))
    : (await import("@noble/hashes/sha2.js")).sha256(bytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
