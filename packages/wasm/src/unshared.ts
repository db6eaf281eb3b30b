/**
 * Kernels are compiled for memory that threads share. All they need to run on memory that is not shared is another
 * flag where they import it: what is atomic may be used on both.
 */
import { invariant } from "@hone/core/hosted";

/** Of a module. */
export type Bytes = Uint8Array<ArrayBuffer>;

const HEADER_BYTES = 8;
const IMPORTS = 2;
const FUNCTION = 0;
const MEMORY = 2;
const GLOBAL = 3;
const SHARED = 2;

/** A copy of the module's bytes that imports memory of one thread's own. */
export function unshared(bytes: Bytes): Bytes {
  const copy = bytes.slice();
  const flag = memoryFlag(copy);
  copy[flag] = (copy[flag] as number) & ~SHARED;
  return copy;
}

/** Where the flags of the imported memory stand. */
function memoryFlag(bytes: Bytes): number {
  let at = HEADER_BYTES;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const length = number();
    if (section !== IMPORTS) {
      at += length;
      continue;
    }
    for (let left = number(); left > 0; left--) {
      for (const _ of ["module", "name"]) {
        const letters = number();
        at += letters;
      }
      const kind = bytes[at++];
      if (kind === MEMORY) return at;
      const isKnown = kind === FUNCTION || kind === GLOBAL;
      invariant(isKnown, "wasm", `the kernels import something of kind ${kind}`);
      // A function's type; a global's, and whether it may change.
      number();
      if (kind === GLOBAL) number();
    }
  }
  invariant(false, "wasm", "the kernels import no memory");
}
