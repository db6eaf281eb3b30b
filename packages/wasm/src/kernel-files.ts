/**
 * The kernels as files: one .wasm for each family and build, beside this package's code, of which a page fetches those
 * that it needs.
 *
 * Bundlers that know `new URL("…", import.meta.url)` copy them (webpack, Vite). Where the file is not there all the
 * same, because the code was moved without it (esbuild, Vite's pre-bundled dependencies), the same kernels come from a
 * chunk that holds them as text.
 */
import addresses from "hone:wasm";
import { HoneError, messageOf } from "@hone/core/hosted";
import { buildOf, type KernelSource } from "./module.js";
import type { Bytes } from "./unshared.js";

/** What every module begins with: "\\0asm". */
const MAGIC = [0, 0x61, 0x73, 0x6d];

/** Where one is missing, the others are not asked for. */
let areThere = true;

/** From the files beside this code, or else from text. */
export const kernelFiles: KernelSource = {
  key: "files",
  async bytes(family, relaxed) {
    if (areThere) {
      try {
        // An address may throw where code does not know its own.
        return await bytesAt((addresses[buildOf(family, relaxed)] as () => URL)());
      } catch {
        areThere = false;
      }
    }
    const { packedKernels } = await import("./packed-kernels.js");
    return packedKernels.bytes(family, relaxed);
  },
};

/** From the files in the folder at that address, and from nowhere else. */
export function kernelFilesIn(folder: string): KernelSource {
  return {
    key: folder,
    async bytes(family, relaxed) {
      const name = `kernels-${buildOf(family, relaxed)}.wasm`;
      try {
        return await bytesAt(new URL(name, folder));
      } catch (cause) {
        const what = `kernelsUrl is "${folder}", and ${name} cannot be had from there (${messageOf(cause)}). Serve the .wasm files of @hone/wasm/dist in that folder, or leave kernelsUrl out.`;
        throw new HoneError("BackendUnavailable", "wasm", what, { cause });
      }
    },
  };
}

/** @throws why there is no module at that address */
async function bytesAt(address: URL): Promise<Bytes> {
  const bytes = (await fileBytes(address)) ?? (await fetchedBytes(address));
  // A server that answers every request with its page gives HTML, and says that all is well.
  if (MAGIC.some((byte, at) => bytes[at] !== byte)) {
    throw new Error("what is there is no WebAssembly");
  }
  return bytes;
}

/** The type that a server gives is not asked for: the bytes say what they are. */
async function fetchedBytes(address: URL): Promise<Bytes> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** Undefined where files are not read but fetched. */
async function fileBytes(address: URL): Promise<Bytes | undefined> {
  if (address.protocol !== "file:") return undefined;
  const { process } = globalThis as { readonly process?: Partial<NodeJS.Process> };
  const files = process?.getBuiltinModule?.("node:fs");
  return files && new Uint8Array(await files.promises.readFile(address));
}
