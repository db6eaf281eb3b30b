/** Tensors that ops need in every step: made at first need, kept as long as the entry of the call. */
import type { TypedArray } from "@hone/core/backend";
import type { Tensor } from "../stock/stock.js";
import { Source, type Store } from "./source.js";

export class Constants {
  readonly #store: Store;
  readonly #kept = new Map<string | number, { source: Source; shape: readonly number[] }>();

  constructor(store: Store) {
    this.#store = store;
  }

  scalar(value: number): Tensor {
    return this.#tensor(value, () => ({ values: Float32Array.of(value), shape: [] }));
  }

  named(name: string, make: () => { values: TypedArray; shape: readonly number[] }): Tensor {
    return this.#tensor(name, make);
  }

  clear(): void {
    for (const { source } of this.#kept.values()) source.release();
    this.#kept.clear();
  }

  #tensor(
    key: string | number,
    make: () => { values: TypedArray; shape: readonly number[] },
  ): Tensor {
    let kept = this.#kept.get(key);
    if (!kept) {
      const { values, shape } = make();
      const source = new Source(this.#store, values.length, "float32", values).retain();
      kept = { source, shape };
      this.#kept.set(key, kept);
    }
    return { dataId: kept.source.dataId, shape: kept.shape, dtype: "float32" };
  }
}
