/** The kernels as text within the code, for where no file can be had: scripts/packed-wasm.mjs says how it is written. */
import packed, { lengths } from "hone:wasm-packed";
import { HoneError } from "@hone/core/hosted";
import type { KernelSource } from "./module.js";
import type { Bytes } from "./unshared.js";

export const packedKernels: KernelSource = {
  key: "packed",
  async bytes(family, relaxed) {
    const [plain, fused] = unpacked(await inflated(packed));
    let begin = 0;
    for (const [name, ...both] of lengths) {
      const end = begin + (both[Number(relaxed)] as number);
      if (name === family) return (relaxed ? fused : plain)?.slice(begin, end) as Bytes;
      begin = end;
    }
    throw new HoneError("Internal", "wasm", `no kernels are called "${family}".`);
  },
};

async function inflated(text: string): Promise<Bytes> {
  const deflated = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Both builds of all families: the first is there whole, the second as pieces of it with new bytes between them. */
function unpacked(bytes: Bytes): Bytes[] {
  let at = 0;
  const number = (): number => {
    const byte = bytes[at++] as number;
    return byte < 128 ? byte : byte - 128 + 128 * number();
  };
  const take = (length: number) => {
    at += length;
    return bytes.slice(at - length, at);
  };
  const base = take(number());
  const build = new Uint8Array(number());
  let from = 0;
  for (let end = 0; end < build.length; ) {
    const step = number();
    from += step % 2 === 1 ? -(step - 1) / 2 : step / 2;
    const copied = number();
    build.set(base.subarray(from, from + copied), end);
    from += copied;
    const fresh = take(number());
    build.set(fresh, end + copied);
    end += copied + fresh.length;
  }
  return [base, build];
}
