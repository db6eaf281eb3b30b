/**
 * A stock tfjs backend as Hone calls it: its kernels directly, past tfjs's engine.
 *
 * The engine has one current backend for the whole process and tidies what it tracks; a user's own tfjs
 * code may run between any two of our awaits. So nothing here sets a backend or makes engine tensors:
 * kernels are looked up in tfjs's registry and handed the backend object themselves.
 */
import type { TypedArray } from "@hone/core/backend";

/** The backends of stock tfjs. */
export type StockName = "cpu" | "wasm" | "webgpu";
export type StockType = "float32" | "int32" | "bool";

/** What tfjs calls TensorInfo. Dense, row-major, and never changed once made. */
export interface Tensor {
  readonly dataId: object;
  readonly shape: readonly number[];
  readonly dtype: StockType;
}

export type KernelInputs = Readonly<Record<string, Tensor | undefined>> | readonly Tensor[];
export type KernelAttributes = Readonly<Record<string, unknown>>;

/** What tfjs's KernelBackend offers, as far as it is used. */
export interface StockInstance {
  /** Keeps `values` on cpu and, until the first kernel reads them, on webgpu. */
  write(values: TypedArray, shape: readonly number[], dtype: StockType): object;
  /** May give the backend's own array. */
  read(dataId: object): Promise<TypedArray>;
  readSync(dataId: object): TypedArray;
  incRef(dataId: object): void;
  disposeData(dataId: object): boolean;
  numDataIds(): number;
}

export type KernelFunction = (call: {
  readonly inputs: KernelInputs;
  readonly attrs: KernelAttributes;
  readonly backend: StockInstance;
}) => Tensor;

/** An opened stock backend. */
export interface Stock {
  readonly name: StockName;
  readonly instance: StockInstance;
  /** The kernel of that name in tfjs's registry. */
  kernel(name: string): KernelFunction | undefined;
  /** Longest tensor, in elements. */
  readonly maxLength: number;
  /** Resolves when all that was called has been computed; absent where calls compute before they return. */
  finish?(): Promise<void>;
  /** Resolves with the reason when it can no longer compute. */
  readonly lost?: Promise<string>;
  /** Called with what goes wrong outside of any call. */
  onFault?(report: (fault: Error) => void): void;
  /** Frees the instance, if it is ours alone. */
  close(): void;
}
