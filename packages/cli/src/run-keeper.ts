/** Keeping a run's files while it trains: what cannot be written now is said, and tried again later. */
import { HoneError } from "@hone/core";
import type { Terminal } from "./terminal.js";

/** What of a run is kept. */
export type Kept = "model" | "report" | "page";

export class RunKeeper {
  readonly #terminal: Terminal;
  readonly #faults = new Map<Kept, HoneError>();
  #keptEpoch = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The last epoch whose model was written; 0 while there is none. */
  get keptEpoch(): number {
    return this.#keptEpoch;
  }

  /** Why what was written last was not, the model first. */
  get fault(): HoneError | undefined {
    return this.#faults.get("model") ?? this.#faults.get("report") ?? this.#faults.get("page");
  }

  /** @param epoch whose model it is @throws what is no fault of a file */
  async keep(what: Kept, write: () => Promise<void>, epoch?: number): Promise<void> {
    try {
      await write();
      if (epoch !== undefined) this.#keptEpoch = epoch;
      this.#faults.delete(what);
    } catch (error) {
      if (!(error instanceof HoneError) || error.kind !== "BadArgument") throw error;
      const before = this.#faults.get(what)?.message;
      this.#faults.set(what, error);
      if (error.message === before) return;
      this.#terminal.say(`${error.message} The ${what} is not written now; training goes on.`);
    }
  }
}
