/** A data set kept in its own element types; rows become floats only when `GatherRows` picks them. */
import {
  type Columns,
  HoneError,
  type MemoryUse,
  type Resident,
  type TypedArray,
} from "@hone/core/backend";

export interface Column {
  readonly data: TypedArray;
  readonly rowLength: number;
}

export class CpuResident implements Resident {
  readonly rows: number;
  readonly #columns = new Map<string, Column>();
  readonly #onDispose: () => void;
  #disposed = false;

  /** Copies the columns. @throws BadData when a row is ragged or the columns differ in rows */
  constructor(columns: Columns, onDispose: () => void) {
    this.#onDispose = onDispose;
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
      this.#columns.set(name, { data: data.slice(), rowLength });
    }
    this.rows = rows ?? 0;
  }

  get disposed(): boolean {
    return this.#disposed;
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

  memory(): MemoryUse {
    let bytes = 0;
    for (const { data } of this.#columns.values()) bytes += data.byteLength;
    return { bytes, allocations: this.#columns.size };
  }

  dispose(): void {
    this.#disposed = true;
    this.#columns.clear();
    this.#onDispose();
  }
}
