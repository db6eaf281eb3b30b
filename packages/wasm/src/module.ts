/** The builds of the kernels. */
import plainBytes from "hone:wasm/plain";
import plainSharedBytes from "hone:wasm/plain-shared";
import relaxedBytes from "hone:wasm/relaxed";
import relaxedSharedBytes from "hone:wasm/relaxed-shared";

export interface Build {
  /** Fused multiply-add where the machine has it. */
  readonly relaxed: boolean;
  /** For memory that threads share. */
  readonly shared: boolean;
}

export async function compileBuild({ relaxed, shared }: Build): Promise<WebAssembly.Module> {
  if (relaxed) return WebAssembly.compile(shared ? relaxedSharedBytes : relaxedBytes);
  return WebAssembly.compile(shared ? plainSharedBytes : plainBytes);
}
