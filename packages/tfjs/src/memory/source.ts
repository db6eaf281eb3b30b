/**
 * Numbers that pieces of blocks refer to: on the host as long as no kernel has read them, then a tensor.
 * So what only the host looks at (orders, schedules, seeds) is never uploaded, and nothing lies there twice.
 */
import type { MemoryUse, TypedArray } from "@hone/core/backend";
import type { StockType } from "../stock/stock.js";
import type { Kernels } from "./kernels.js";

/** Of float32 and int32, which is all that lies in blocks. */
export const BYTES_PER_ELEMENT = 4;

export type ElementType = Exclude<StockType, "bool">;

/** Counts what is held. */
export class Ledger {
  #bytes = 0;
  #allocations = 0;

  add(length: number, sign: 1 | -1): void {
    this.#bytes += sign * length * BYTES_PER_ELEMENT;
    this.#allocations += sign;
  }

  use(): MemoryUse {
    return { bytes: this.#bytes, allocations: this.#allocations };
  }
}

/** What sources are made with. */
export interface Store {
  readonly kernels: Kernels;
  readonly ledger: Ledger;
}

/** Immutable, and freed when nobody refers to it any more. */
export class Source {
  readonly length: number;
  readonly dtype: ElementType;
  readonly #store: Store;
  #values: TypedArray | undefined;
  #dataId: object | undefined;
  #references = 0;

  /** @param content an array that does not change any more, or data whose reference is handed over */
  constructor(store: Store, length: number, dtype: ElementType, content: TypedArray | object) {
    this.#store = store;
    this.length = length;
    this.dtype = dtype;
    if (ArrayBuffer.isView(content)) this.#values = content as TypedArray;
    else this.#dataId = content;
    store.ledger.add(length, 1);
  }

  retain(): this {
    this.#references++;
    return this;
  }

  release(): void {
    if (--this.#references > 0) return;
    if (this.#dataId) this.#store.kernels.stock.instance.disposeData(this.#dataId);
    this.#dataId = undefined;
    this.#values = undefined;
    this.#store.ledger.add(this.length, -1);
  }

  /** The numbers, where they are on the host. */
  get values(): TypedArray | undefined {
    return this.#values;
  }

  /** The tensor's data; uploaded now if need be. */
  get dataId(): object {
    if (!this.#dataId) {
      const { instance } = this.#store.kernels.stock;
      this.#dataId = instance.write(this.#values as TypedArray, [this.length], this.dtype);
      this.#values = undefined;
    }
    return this.#dataId;
  }

  /** The numbers, waited for by the calling thread. */
  readSync(): TypedArray {
    return this.#values ?? this.#store.kernels.stock.instance.readSync(this.dataId);
  }

  /** The numbers; perhaps the backend's own array. */
  async read(): Promise<TypedArray> {
    return this.#values ?? this.#store.kernels.stock.instance.read(this.dataId);
  }
}
