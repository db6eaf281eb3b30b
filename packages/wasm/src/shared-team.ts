/**
 * The threads that compute: the one that calls, and helpers which share its memory.
 *
 * Helpers never look at messages once they have started; they wait for work on a word of the shared
 * memory (assembly/team.ts), so that a run costs no message. Nor does the thread that calls while it
 * waits for them. So a helper that fails says so in memory, and one that ends without a word is noticed
 * by who holds the other end of its lifeline.
 */
import {
  type Entry,
  type HoneError,
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
import { EntryMeetings } from "./meetings.js";
import { FoundPace, Lately } from "./pace.js";
import { type Meetings, type Pace, type RunOnThreads, Team, type TeamOptions } from "./team.js";
import { breakTeam, reasonOf } from "./team-words.js";
import { WORTH_SHARING, workloadOf } from "./workload.js";

export class SharedTeam extends Team {
  override readonly threads: number;
  readonly #shareFrom: number;
  readonly #lately: Lately;
  readonly #endHelpers: () => void;
  #isClosed = false;

  private constructor(
    arena: Arena,
    helpers: readonly Helper[],
    { shareFrom = WORTH_SHARING, watchThread }: TeamOptions,
  ) {
    super(arena);
    this.#shareFrom = shareFrom;
    this.#endHelpers = () => endHelpers(helpers, watchThread);
    this.threads = helpers.length + 1;
    this.#lately = new Lately(this.threads);
    for (const helper of helpers) {
      helper.ended = (cause) => {
        if (!this.#isClosed) this.break("a helper thread ended", cause);
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
    return new SharedTeam(arena, helpers, options);
  }

  override threadsFor(entry: Entry): number {
    return workloadOf(entry) >= this.#shareFrom ? this.threads : 1;
  }

  override pace(threads: number, run: RunOnThreads): Pace {
    return new FoundPace(threads, this.#lately, run);
  }

  override meetings(): Meetings {
    return new EntryMeetings();
  }

  override close(): void {
    const { linkage, teamAddress } = this.arena;
    this.#isClosed = true;
    if (this.threads > 1 && !this.broken) linkage.functions.dismiss?.(teamAddress, this.threads);
    this.#endHelpers();
  }

  protected override reason(): string | undefined {
    return reasonOf(this.arena.memory, this.arena.teamAddress);
  }

  protected override break(reason: string, cause: unknown): HoneError {
    if (this.broken) return this.broken;
    if (this.threads > 1) breakTeam(this.arena.memory, this.arena.teamAddress, reason);
    this.#endHelpers();
    return super.break(reason, cause);
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
