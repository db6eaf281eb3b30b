/**
 * The threads that compute: the one that calls, and helpers which share its memory.
 *
 * Helpers never look at messages once they have started; they wait for work on a word of the shared
 * memory (assembly/team.ts), so that a run costs no message.
 */
import { HoneError, invariant, spawnWorker, type WorkerPort } from "@hone/core/backend";
import type { Arena } from "./arena.js";
import helperCode from "./helper.ts?worker-text";
import type { HelperTask } from "./helper-task.js";

/** The words that threads meet at, and the record `Work` behind them: see assembly/team.ts and run.ts. */
const THREADS_BYTES = 256;

/** A run of calls that lie one after another in memory. */
export interface TeamWork {
  readonly calls: number;
  readonly count: number;
  readonly workspaces: number;
  readonly workspaceBytes: number;
}

export interface TeamOptions {
  readonly threads: number;
  /** Operations from which an entry is worth sharing out: see workload.ts. */
  readonly shareFrom: number;
  /** The address of a script that starts helpers, for pages whose policy forbids blob workers. */
  readonly helperUrl?: string | undefined;
}

export class Team {
  readonly threads: number;
  readonly shareFrom: number;
  readonly #arena: Arena;
  readonly #helpers: readonly WorkerPort[];
  #isBroken = false;

  private constructor(arena: Arena, helpers: readonly WorkerPort[], shareFrom: number) {
    this.shareFrom = shareFrom;
    this.#arena = arena;
    this.#helpers = helpers;
    this.threads = helpers.length + 1;
  }

  /** Starts the helpers; needs shared memory for any. @throws what starting one threw */
  static async gather(arena: Arena, { threads, shareFrom, helperUrl }: TeamOptions): Promise<Team> {
    const helpers: WorkerPort[] = [];
    try {
      const ready: Promise<void>[] = [];
      for (let thread = 1; thread < threads; thread++) {
        const port = spawnWorker({ code: helperCode, url: helperUrl, name: `wasm ${thread}` });
        helpers.push(port);
        const { module, memory, teamAddress } = arena;
        ready.push(start(port, { module, memory, team: teamAddress, thread, threads }));
      }
      await Promise.all(ready);
      for (const port of helpers) port.hold(false);
    } catch (error) {
      for (const port of helpers) void port.terminate();
      throw error;
    }
    return new Team(arena, helpers, shareFrom);
  }

  /**
   * Runs the calls for some steps, and returns when all threads have.
   * @param threads 1 leaves the helpers asleep; otherwise all of the team's
   */
  run(work: TeamWork, threads: number, first: number, steps: number): void {
    const { calls, count, workspaces, workspaceBytes } = work;
    const { memory, kernels, teamAddress } = this.#arena;
    const record = new Int32Array(memory.buffer, teamAddress + THREADS_BYTES, 6);
    record[0] = calls;
    record[1] = count;
    record[2] = first;
    record[3] = steps;
    record[4] = workspaces;
    record[5] = workspaceBytes;
    const { runWork } = kernels.functions;
    invariant(runWork, "wasm", "the module exports no runWork");
    if (this.#isBroken) throw brokenTeam();
    try {
      runWork(teamAddress, threads);
    } catch (cause) {
      // Helpers may still be at the call that failed here: they must not meet the next one.
      this.#isBroken = this.threads > 1;
      for (const port of this.#helpers) void port.terminate();
      throw cause;
    }
  }

  close(): void {
    const { kernels, teamAddress } = this.#arena;
    if (this.threads > 1 && !this.#isBroken) kernels.functions.dismiss?.(teamAddress);
    for (const port of this.#helpers) void port.terminate();
  }
}

function brokenTeam(): HoneError {
  const what = "a kernel failed while its threads ran. Close the device and open another.";
  return new HoneError("DeviceLost", "wasm", what);
}

/** Resolves when the helper is about to wait for work. */
function start(port: WorkerPort, task: HelperTask): Promise<void> {
  return new Promise((resolve, reject) => {
    port.listen({
      message: (message) => {
        if (message === "ready") resolve();
        else reject(new Error(String(message)));
      },
      failure: (reason, cause) => reject(new Error(reason, { cause })),
    });
    port.post({ help: task }, []);
  });
}
