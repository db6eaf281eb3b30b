/**
 * Calls kernels, and frees what they made: a tidy without tfjs's engine.
 *
 * A kernel's result counts one reference to its data, also where it is the data of its input (Reshape,
 * Identity): so each result is released once, whatever it shares.
 */
import { invariant, type TypedArray } from "@hone/core/backend";
import type { KernelAttributes, KernelInputs, Stock, StockType, Tensor } from "../stock/stock.js";

const NO_ATTRIBUTES: KernelAttributes = {};

export class Kernels {
  readonly stock: Stock;
  #made: Tensor[] = [];

  constructor(stock: Stock) {
    this.stock = stock;
  }

  /** Runs a kernel; its result lives until `tidy`, unless taken. */
  run(name: string, inputs: KernelInputs, attrs: KernelAttributes = NO_ATTRIBUTES): Tensor {
    const kernel = this.stock.kernel(name);
    invariant(kernel, name, `tfjs-${this.stock.name} has no such kernel`);
    const result = kernel({ inputs, attrs, backend: this.stock.instance });
    this.#made.push(result);
    return result;
  }

  /** A tensor of `values`, which must not change afterwards; lives until `tidy`, unless taken. */
  upload(values: TypedArray, shape: readonly number[], dtype: StockType): Tensor {
    const dataId = this.stock.instance.write(values, shape, dtype);
    const tensor = { dataId, shape, dtype };
    this.#made.push(tensor);
    return tensor;
  }

  /** Makes the caller the owner of one reference to the tensor's data. */
  take(tensor: Tensor): object {
    const at = this.#made.findIndex(({ dataId }) => dataId === tensor.dataId);
    if (at < 0) this.stock.instance.incRef(tensor.dataId);
    else this.#made.splice(at, 1);
    return tensor.dataId;
  }

  /** Releases all that was made since the last time and not taken. */
  tidy(): void {
    const made = this.#made;
    this.#made = [];
    for (const { dataId } of made) this.stock.instance.disposeData(dataId);
  }
}
