/** Data sets on a device: uploaded when they are first asked for, and kept as long as there is room. */
import type { Columns, Device, Resident } from "../backend.js";
import { HoneError, isHoneError } from "../errors.js";
import { contentOf } from "./content.js";
import type { Dataset } from "./dataset.js";
import { uploadable, withoutRoom } from "./uploadable.js";

/** Data sets kept on the device at once; the least recently used that nobody holds makes room. */
const MOST_SETS = 3;

export interface ResidentSet {
  readonly resident: Resident;
  /** What the arrays held when they were uploaded. */
  readonly content: number;
  holders: number;
}

export class ResidentSets {
  /** In the order of their use. */
  readonly #sets = new Map<Dataset, ResidentSet>();
  readonly #upload: (columns: Columns) => ReturnType<Device["upload"]>;

  /** @param upload of the device; what it makes after the end of the session is its to give back */
  constructor(upload: (columns: Columns) => ReturnType<Device["upload"]>) {
    this.#upload = upload;
  }

  get count(): number {
    return this.#sets.size;
  }

  /**
   * The data set on the device, used now. Arrays that were filled anew since are uploaded again.
   * @param once for data that nobody will ask for again: what it holds need not be remembered
   * @throws BadData for arrays that were changed while they are in use; OutOfMemory
   */
  async use(dataset: Dataset, once: boolean): Promise<ResidentSet> {
    const content = once ? 0 : contentOf(dataset);
    const known = this.#sets.get(dataset);
    if (known && known.content !== content && known.holders > 0) {
      const what = `the arrays of data set "${dataset.name}" were changed while it is in use. Wait for that to end, or give a data set of other arrays.`;
      throw new HoneError("BadData", "session", what);
    }
    if (known && known.content !== content) this.#drop(dataset, known);
    const set = known?.content === content ? known : await this.#uploaded(dataset, content);
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

  dispose(): void {
    for (const { resident } of this.#sets.values()) resident.dispose();
    this.#sets.clear();
  }

  async #uploaded(dataset: Dataset, content: number): Promise<ResidentSet> {
    this.makeRoom(MOST_SETS - 1);
    const columns = uploadable(dataset);
    const resident = await this.#upload(columns).catch((error: unknown) => {
      throw isHoneError(error, "OutOfMemory") ? withoutRoom(dataset, columns, error) : error;
    });
    return { resident, content, holders: 0 };
  }

  #drop(dataset: Dataset, { resident }: ResidentSet): void {
    this.#sets.delete(dataset);
    resident.dispose();
  }
}
