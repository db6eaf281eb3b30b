/**
 * Data sets on a device: uploaded when they are first asked for, and kept as long as there is room. A data set is bound in
 * the same breath as the steps that read it are enqueued.
 */
import { checkAborted } from "../abort.js";
import type { Device, Executable, Resident } from "../backend.js";
import { HoneError, isHoneError } from "../errors.js";
import type { Entry } from "../plan/program.js";
import { contentInTurns } from "./content.js";
import type { Dataset } from "./dataset.js";
import { uploadable, withoutRoom } from "./uploadable.js";

/** Data sets kept on the device at once; the least recently used that nobody holds makes room. */
const MOST_SETS = 3;

/** A data set that stays on the device until it is released. */
export interface HeldData {
  /** Enqueues steps of an entry that reads this data set. */
  run(entry: Entry, range: { readonly first: number; readonly steps: number }): void;
  release(): void;
}

interface HoldOptions {
  /** Entries that read the data set, held already: they are let go with it. */
  readonly entries?: readonly Entry[];
  /** True for data that nobody will ask for again: what it holds need not be remembered. */
  readonly once?: boolean;
  /** Ends the upload. */
  readonly signal?: AbortSignal | undefined;
}

/** The engine whose data sets they are. */
export interface Holder {
  readonly device: Pick<Device, "upload">;
  readonly executable: Pick<Executable, "bind">;
  sets: ResidentSets | undefined;
  inTurn<T>(task: () => Promise<T>): Promise<T>;
  makingRoom<T>(make: () => Promise<T>): Promise<T>;
  checkOpen(): void;
  enter(): () => void;
  letGo(entry: Entry): void;
  run(entry: Entry, range: { readonly first: number; readonly steps: number }): void;
}

/**
 * Uploads a data set unless it is there. Arrays that were filled anew since are uploaded again.
 * @param options for data that comes once, as a stream's does
 * @throws OutOfMemory when it does not fit, also after all others have made room; Aborted
 */
export async function hold(
  engine: Holder,
  dataset: Dataset,
  options: HoldOptions = {},
): Promise<HeldData> {
  const letGo = () => {
    for (const entry of options.entries ?? []) engine.letGo(entry);
  };
  try {
    return await engine.inTurn(async () => {
      engine.sets ??= new ResidentSets(engine);
      const { sets } = engine;
      const set = await sets.use(dataset, options);
      set.holders++;
      const leave = engine.enter();
      return {
        run: (entry, range) => {
          sets.bind(entry, set);
          // An evaluation changes nothing, but whoever reads the weights' version does not mind to look once too often.
          engine.run(entry, range);
        },
        release: () => {
          set.holders--;
          letGo();
          leave();
        },
      };
    });
  } catch (error) {
    letGo();
    throw error;
  }
}

export interface ResidentSet {
  readonly resident: Resident;
  /** What the arrays held when they were uploaded. */
  readonly content: number;
  holders: number;
}

export class ResidentSets {
  /** In the order of their use. */
  readonly #sets = new Map<Dataset, ResidentSet>();
  readonly #bound = new Map<string, Resident>();
  readonly #engine: Holder;

  constructor(engine: Holder) {
    this.#engine = engine;
  }

  get count(): number {
    return this.#sets.size;
  }

  /**
   * The data set on the device, used now. Arrays that were filled anew since are uploaded again.
   * @param once for data that nobody will ask for again: what it holds need not be remembered
   * @throws BadData for arrays that were changed while they are in use; OutOfMemory; Aborted
   */
  async use(dataset: Dataset, { once = false, signal }: HoldOptions): Promise<ResidentSet> {
    const content = once ? 0 : await contentInTurns(dataset);
    const known = this.#sets.get(dataset);
    if (known && known.content !== content && known.holders > 0) {
      const what = `the arrays of data set "${dataset.name}" were changed while it is in use. Wait for that to end, or give a data set of other arrays.`;
      throw new HoneError("BadData", "session", what);
    }
    if (known && known.content !== content) this.#drop(dataset, known);
    const set = known?.content === content ? known : await this.#uploaded(dataset, content, signal);
    this.#sets.delete(dataset);
    this.#sets.set(dataset, set);
    return set;
  }

  /** Takes a data set off the device, unless it is in use. @returns whether it is gone */
  forget(dataset: Dataset): boolean {
    const set = this.#sets.get(dataset);
    if (set === undefined) return true;
    if (set.holders > 0) return false;
    this.#drop(dataset, set);
    return true;
  }

  /** Takes the least recently used sets off the device that nobody holds, until `most` are left. */
  makeRoom(most: number): void {
    for (const [dataset, set] of this.#sets) {
      if (this.#sets.size <= most) return;
      if (set.holders === 0) this.#drop(dataset, set);
    }
  }

  /** The entry's steps read this data set from now on. */
  bind({ blocks }: Entry, { resident }: ResidentSet): void {
    for (const { name, kind } of blocks) {
      if (kind !== "resident" || this.#bound.get(name) === resident) continue;
      this.#engine.executable.bind(name, resident);
      this.#bound.set(name, resident);
    }
  }

  dispose(): void {
    for (const { resident } of this.#sets.values()) resident.dispose();
    this.#sets.clear();
  }

  async #uploaded(
    dataset: Dataset,
    content: number,
    signal: AbortSignal | undefined,
  ): Promise<ResidentSet> {
    this.makeRoom(MOST_SETS - 1);
    const columns = uploadable(dataset);
    checkAborted(signal);
    const upload = () => this.#engine.device.upload(columns, { signal });
    const resident = await this.#engine.makingRoom(upload).catch((error: unknown) => {
      throw isHoneError(error, "OutOfMemory") ? withoutRoom(dataset, columns, error) : error;
    });
    try {
      this.#engine.checkOpen();
      checkAborted(signal);
    } catch (error) {
      resident.dispose();
      throw error;
    }
    return { resident, content, holders: 0 };
  }

  #drop(dataset: Dataset, { resident }: ResidentSet): void {
    this.#sets.delete(dataset);
    resident.dispose();
  }
}
