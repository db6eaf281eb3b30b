/**
 * The threads that compute: the one that calls, and helpers which share its memory.
 *
 * Helpers never look at messages once they have started; they wait for work on a word of the shared
 * memory (assembly/team.ts), so that a run costs no message. Nor does the thread that calls while it
 * waits for them. So a helper that fails says so in memory, and one that ends without a word is noticed
 * by who holds the other end of its lifeline.
 */
import {
  HoneError,
  invariant,
  type LifelineEnd,
  makeLifeline,
  movableOf,
  spawnWorker,
  type WatchThread,
  type WorkerListeners,
  type WorkerPort,
} from "@hone/core/backend";
import type { Arena } from "./arena.js";
import helperCode from "./helper.ts?worker-text";
import type { HelperTask } from "./helper-task.js";
import { Lately } from "./pace.js";
import { breakTeam, reasonOf, WORK_RECORD } from "./team-words.js";

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
  /** Given an end of each helper's lifeline by a thread that is itself ended after the device. */
  readonly watchThread?: WatchThread | undefined;
}

/** Told once why the team cannot compute any more. */
export type BreakListener = (reason: string) => void;

export class Team {
  readonly threads: number;
  readonly shareFrom: number;
  readonly lately: Lately;
  readonly #arena: Arena;
  readonly #endHelpers: () => void;
  #broken: HoneError | undefined;
  #isClosed = false;
  #tellBroken: BreakListener = () => {};

  private constructor(
    arena: Arena,
    helpers: readonly Helper[],
    { shareFrom, watchThread }: TeamOptions,
  ) {
    this.shareFrom = shareFrom;
    this.#arena = arena;
    this.#endHelpers = () => endHelpers(helpers, watchThread);
    this.threads = helpers.length + 1;
    this.lately = new Lately(this.threads);
    for (const helper of helpers) {
      helper.ended = (cause) => {
        if (!this.#isClosed) this.#break("a helper thread ended", cause);
      };
    }
  }

  /** Starts the helpers; needs shared memory for any. @throws what starting one threw */
  static async gather(arena: Arena, options: TeamOptions): Promise<Team> {
    const { threads, helperUrl, watchThread } = options;
    const { module, memory, teamAddress: team } = arena;
    const helpers: Helper[] = [];
    const watched: LifelineEnd[] = [];
    try {
      for (let thread = 1; thread < threads; thread++) {
        const port = spawnWorker({ code: helperCode, url: helperUrl, name: `wasm ${thread}` });
        const line = watchThread && makeLifeline();
        if (line) watched.push(line.watched);
        const lifeline = line?.held;
        helpers.push(new Helper(port, { module, memory, team, thread, lifeline }));
      }
      await Promise.all(helpers.map(({ ready }) => ready));
      for (const { port } of helpers) port.hold(false);
    } catch (error) {
      // A device of one thread may be opened instead: they must not wait for its end.
      for (const { port } of helpers) void port.terminate();
      throw error;
    }
    // Not sooner: helpers that could not be started are no loss.
    for (const lifeline of watched) watchThread?.(lifeline);
    return new Team(arena, helpers, options);
  }

  /** @param listener told, once, when a kernel or a helper has failed */
  onBroken(listener: BreakListener): void {
    this.#tellBroken = listener;
  }

  /**
   * Runs the calls for some steps, and returns when all threads have.
   * @param threads how many do it; helpers beyond them go on sleeping
   * @throws DeviceLost when a kernel fails on any thread, and from then on
   */
  run(work: TeamWork, threads: number, first: number, steps: number): void {
    const { calls, count, workspaces, workspaceBytes } = work;
    const { memory, kernels, teamAddress } = this.#arena;
    if (this.#broken) throw this.#broken;
    const record = new Int32Array(memory.buffer, teamAddress + WORK_RECORD, 7);
    record[0] = calls;
    record[1] = count;
    record[2] = first;
    record[3] = steps;
    record[4] = workspaces;
    record[5] = workspaceBytes;
    record[6] = threads;
    const { runWork } = kernels.functions;
    invariant(runWork, "wasm", "the module exports no runWork");
    try {
      runWork(teamAddress);
    } catch (cause) {
      const reason = reasonOf(memory, teamAddress);
      const message = cause instanceof Error ? cause.message : String(cause);
      throw this.#break(reason ?? `a kernel failed: ${message}`, cause);
    }
  }

  close(): void {
    const { kernels, teamAddress } = this.#arena;
    this.#isClosed = true;
    if (this.threads > 1 && !this.#broken) kernels.functions.dismiss?.(teamAddress, this.threads);
    this.#endHelpers();
  }

  /** Memory is in no state to go on from, and threads may be anywhere. */
  #break(reason: string, cause: unknown): HoneError {
    if (this.#broken) return this.#broken;
    const what = `the device is gone: ${reason}. Open another.`;
    this.#broken = new HoneError("DeviceLost", "wasm", what, { cause });
    if (this.threads > 1) breakTeam(this.#arena.memory, this.#arena.teamAddress, reason);
    this.#endHelpers();
    this.#tellBroken(reason);
    return this.#broken;
  }
}

/**
 * Ends the helpers, where they do not end with the thread that has started them: in Chromium a worker that is ended while
 * it is ending one of its own may live for ever.
 */
function endHelpers(helpers: readonly Helper[], watchThread: WatchThread | undefined): void {
  if (watchThread !== undefined) return;
  for (const { port } of helpers) void port.terminate();
}

class Helper {
  readonly port: WorkerPort;
  /** Resolves when it is about to wait for work. */
  readonly ready: Promise<void>;
  /** Called when it ends, or fails, after that. */
  ended: (cause: unknown) => void = () => {};

  constructor(port: WorkerPort, task: HelperTask) {
    this.port = port;
    this.ready = new Promise((resolve, reject) => {
      const fail: WorkerListeners["failure"] = (reason, more) => {
        const error = new Error(reason, { cause: more?.cause });
        reject(error);
        this.ended(error);
      };
      port.listen({
        message: (message) => (message === "ready" ? resolve() : fail(String(message))),
        failure: fail,
      });
      port.post({ help: task }, movableOf(task.lifeline));
    });
  }
}
