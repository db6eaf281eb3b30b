/** A data set in an adapter's memory, in its own element types. */
import type { Columns, Resident } from "../backend.js";
import { columnType, countRows } from "./columns.js";
import type { HostColumn, HostMachine } from "./host-machine.js";
import { unknownColumn } from "./misuse.js";

export class HostResident<Space> implements Resident {
  readonly rows: number;
  /** Whose memory it lies in. */
  readonly machine: HostMachine<Space>;
  readonly #columns = new Map<string, HostColumn<Space>>();
  readonly #onDispose: () => void;
  #disposed = false;

  /** Copies the columns. @throws BadData when a row is ragged or the columns differ in rows; OutOfMemory */
  constructor(machine: HostMachine<Space>, columns: Columns, onDispose: () => void) {
    this.machine = machine;
    this.#onDispose = onDispose;
    this.rows = countRows(columns);
    try {
      for (const [name, { data, rowLength }] of Object.entries(columns)) {
        const space = machine.copy(data, `upload column "${name}"`);
        this.#columns.set(name, { space, rows: this.rows, rowLength, dtype: columnType(data) });
      }
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** @throws BadData when there is no such column, or it was disposed */
  column(name: string): HostColumn<Space> {
    const column = this.#columns.get(name);
    if (column) return column;
    throw unknownColumn(name, this.#disposed ? undefined : this.#columns.keys());
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#release();
    this.#onDispose();
  }

  #release(): void {
    for (const { space } of this.#columns.values()) this.machine.free(space);
    this.#columns.clear();
  }
}
