/** A data set in WebAssembly memory, in its own element types. */
import { type Columns, type DataType, HoneError, type Resident } from "@hone/core/backend";
import type { Arena } from "./arena.js";

export interface Column {
  readonly address: number;
  readonly rows: number;
  readonly rowLength: number;
  readonly dtype: DataType;
}

export class WasmResident implements Resident {
  readonly rows: number;
  readonly #columns = new Map<string, Column>();
  readonly #arena: Arena;
  readonly #onDispose: () => void;
  #disposed = false;

  /** @throws BadData when a row is ragged or the columns differ in rows */
  constructor(arena: Arena, columns: Columns, onDispose: () => void) {
    this.#arena = arena;
    this.#onDispose = onDispose;
    this.rows = commonRows(columns);
    try {
      for (const [name, { data, rowLength }] of Object.entries(columns)) {
        const address = arena.allocateCopy(data, `upload column "${name}"`);
        this.#columns.set(name, { address, rows: this.rows, rowLength, dtype: dtypeOf(data) });
      }
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  livesIn(arena: Arena): boolean {
    return arena === this.#arena;
  }

  /** @throws BadData when there is no such column, or it was disposed */
  column(name: string): Column {
    const column = this.#columns.get(name);
    if (column) return column;
    const known = this.#disposed ? "it was disposed" : `it has [${[...this.#columns.keys()]}]`;
    throw new HoneError(
      "BadData",
      `bind "${name}"`,
      `the data set holds no column "${name}": ${known}. Upload one of that name.`,
    );
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#release();
    this.#onDispose();
  }

  #release(): void {
    for (const { address } of this.#columns.values()) this.#arena.release(address);
    this.#columns.clear();
  }
}

function commonRows(columns: Columns): number {
  let rows: number | undefined;
  for (const [name, { data, rowLength }] of Object.entries(columns)) {
    const where = `upload column "${name}"`;
    if (!Number.isInteger(rowLength) || rowLength < 1 || data.length % rowLength !== 0) {
      throw new HoneError(
        "BadData",
        where,
        `${data.length} elements do not make whole rows of ${rowLength}. Check rowLength.`,
      );
    }
    const count = data.length / rowLength;
    rows ??= count;
    if (count !== rows) {
      throw new HoneError(
        "BadData",
        where,
        `it has ${count} rows, another column has ${rows}. Give every column as many rows.`,
      );
    }
  }
  return rows ?? 0;
}

function dtypeOf(data: Columns[string]["data"]): DataType {
  if (data instanceof Uint8Array) return "uint8";
  return data instanceof Int32Array ? "int32" : "float32";
}
