/** A data set as tensors: bytes become floats, which is what the stock kernels pick rows of. */
import {
  type ColumnLayout,
  type Columns,
  columnTooLarge,
  columnType,
  countRows,
  type Resident,
  unknownColumn,
} from "@hone/core/backend";
import { BYTES_PER_ELEMENT, Source, type Store } from "./memory/source.js";
import type { Column } from "./ops/stock-op.js";

export interface StockColumn extends ColumnLayout, Column {}

interface Held {
  readonly source: Source;
  readonly layout: ColumnLayout;
}

export class StockResident implements Resident {
  readonly rows: number;
  /** Whose memory it lies in. */
  readonly store: Store;
  readonly #columns = new Map<string, Held>();
  readonly #onDispose: () => void;
  #disposed = false;

  /** Copies the columns. @throws BadData when a row is ragged or the columns differ in rows; OutOfMemory */
  constructor(store: Store, columns: Columns, onDispose: () => void) {
    this.store = store;
    this.#onDispose = onDispose;
    this.rows = countRows(columns);
    try {
      for (const [name, { data, rowLength }] of Object.entries(columns)) {
        checkLength(store, name, data.length);
        const integers = data instanceof Int32Array;
        const values = integers ? Int32Array.from(data) : Float32Array.from(data);
        const dtype = integers ? "int32" : "float32";
        const source = new Source(store, data.length, dtype, values).retain();
        this.#columns.set(name, { source, layout: { rowLength, dtype: columnType(data) } });
        // Now and not at first need, so that the copy on the host goes.
        if (data.length > 0) void source.dataId;
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
  column(name: string): StockColumn {
    const held = this.#columns.get(name);
    if (held) {
      const { source, layout } = held;
      const shape = [this.rows, layout.rowLength];
      const tensor = { dataId: source.dataId, shape, dtype: source.dtype };
      return { ...layout, rows: this.rows, tensor };
    }
    throw unknownColumn(name, this.#disposed ? undefined : this.#columns.keys());
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#release();
    this.#onDispose();
  }

  #release(): void {
    for (const { source } of this.#columns.values()) source.release();
    this.#columns.clear();
  }
}

/** tfjs-wasm would write what does not fit over other tensors. @throws OutOfMemory */
function checkLength({ kernels }: Store, column: string, length: number): void {
  const { maxLength } = kernels.stock;
  if (length <= maxLength) return;
  throw columnTooLarge(column, length * BYTES_PER_ELEMENT, maxLength * BYTES_PER_ELEMENT);
}
