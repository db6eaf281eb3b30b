/** What a helper thread is told, once, and its whole life: see team.ts and assembly/helper.ts. */
import type { ServerPort } from "@hone/core/backend";
import { Linkage } from "./module-kernels.js";
import { breakTeam } from "./team-words.js";

export interface HelperTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** The address of the team's words in memory. */
  readonly team: number;
  readonly thread: number;
  readonly threads: number;
  /** Held as long as the thread lives: its end is how others learn that the thread is gone. */
  readonly lifeline?: MessagePort | undefined;
}

/** The task in a message, if it is one. */
export function helperTaskOf(message: unknown): HelperTask | undefined {
  return (message as { readonly help?: HelperTask } | undefined)?.help;
}

/** A port that nobody holds may be collected, and then its other end closes. */
const held: MessagePort[] = [];

/** Blocks the thread until the team is dismissed, or broken. */
export function help(task: HelperTask, port: ServerPort): void {
  const { module, memory, team, thread, threads, lifeline } = task;
  if (lifeline) held.push(lifeline);
  try {
    const linkage = new Linkage(memory);
    const { exports } = new WebAssembly.Instance(module, linkage.imports);
    const { functions } = linkage.kernelsOf(exports);
    port.post("ready", []);
    functions.help?.(team, thread, threads);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    breakTeam(memory, team, `a helper thread failed: ${reason}`);
    port.post(reason, []);
  }
}
