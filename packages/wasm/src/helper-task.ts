/** What a helper thread is told, once, and its whole life: see team.ts and assembly/helper.ts. */
import type { ServerPort } from "@hone/core/backend";
import { Linkage } from "./module-kernels.js";

export interface HelperTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** The address of the team's words in memory. */
  readonly team: number;
  readonly thread: number;
  readonly threads: number;
}

/** The task in a message, if it is one. */
export function helperTaskOf(message: unknown): HelperTask | undefined {
  return (message as { readonly help?: HelperTask } | undefined)?.help;
}

/** Blocks the thread until the team is dismissed. */
export function help(
  { module, memory, team, thread, threads }: HelperTask,
  port: ServerPort,
): void {
  try {
    const linkage = new Linkage(memory);
    const { exports } = new WebAssembly.Instance(module, linkage.imports);
    const { functions } = linkage.kernelsOf(exports);
    port.post("ready", []);
    functions.help?.(team, thread, threads);
  } catch (error) {
    port.post(error instanceof Error ? error.message : String(error), []);
  }
}
