/** What a helper thread is told, once, and its whole life: see team.ts and assembly/helper.ts. */
import { holdLifeline, type LifelineEnd, type ServerPort } from "@hone/core/backend";
import { Linkage } from "./linkage.js";
import { breakTeam } from "./team-words.js";

export interface HelperTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** The address of the team's words in memory. */
  readonly team: number;
  readonly thread: number;
  /** Its end is how others learn that the thread is gone. */
  readonly lifeline?: LifelineEnd | undefined;
}

/** The task in a message, if it is one. */
export function helperTaskOf(message: unknown): HelperTask | undefined {
  return (message as { readonly help?: HelperTask } | undefined)?.help;
}

/** Blocks the thread until the team is dismissed, or broken. */
export async function help(task: HelperTask, port: ServerPort): Promise<void> {
  const { module, memory, team, thread, lifeline } = task;
  try {
    if (lifeline) await holdLifeline(lifeline);
    const linkage = new Linkage(memory);
    const { exports } = new WebAssembly.Instance(module, linkage.imports);
    linkage.begin(exports);
    port.post("ready", []);
    linkage.functions.help?.(team, thread);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    breakTeam(memory, team, `a helper thread failed: ${reason}`);
    port.post(reason, []);
  }
}
