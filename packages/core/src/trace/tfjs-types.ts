/** The parts of tfjs this project touches, named by structure: tfjs's own declarations fail strict checks. */

/** A tf.Tensor or tf.Variable. */
export interface TensorLike {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly dataId: object;
  dataSync(): ArrayLike<number | string>;
}

/** A tf.LayerVariable: one weight of a layer. */
export interface LayerVariableLike {
  readonly name: string;
  readonly originalName?: string;
  readonly shape: readonly (number | null)[];
  readonly constraint?: unknown;
  read(): TensorLike;
  write(value: never): unknown;
}

/** A tf.layers.Layer, a nested model included. */
export interface LayerLike {
  readonly name: string;
  getClassName(): string;
}

/** A tf.SymbolicTensor. */
export interface SymbolicTensorLike {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | null)[];
  readonly sourceLayer?: { readonly name: string };
}

/** A tf.LayersModel or tf.Sequential. */
export interface LayersModelLike {
  readonly name: string;
  readonly inputs: readonly SymbolicTensorLike[];
  readonly outputs: readonly SymbolicTensorLike[];
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
  readonly weights: readonly LayerVariableLike[];
  readonly trainableWeights: readonly LayerVariableLike[];
  readonly built: boolean;
  build(inputShape?: unknown): void;
  apply(inputs: unknown, kwargs?: unknown): unknown;
  calculateLosses(): readonly TensorLike[];
}

/** A loss as tfjs takes it: of labels and predictions, each of shape [B, ...row]. */
export type LossFunctionLike = (yTrue: never, yPred: never) => unknown;

/** A loss of labels, outputs and inputs of the whole model, each a record of tensors by name. */
export type WholeLossFunctionLike = (labels: never, outputs: never, inputs: never) => unknown;

/** What a layer's `apply` needs of a layer while it is traced. */
export interface TracedLayer extends LayerLike {
  readonly stateful?: boolean;
  built: boolean;
  _refCount?: number | null;
  readonly build: unknown;
  assertInputCompatibility(inputs: unknown): void;
}

export type Apply = (this: TracedLayer, inputs: unknown, kwargs?: Kwargs) => unknown;
export interface Kwargs {
  readonly training?: boolean;
}

/** True for a tf.Variable. */
export function isVariable(tensor: TensorLike): tensor is TensorLike & { readonly name: string } {
  return "assign" in tensor && "trainable" in tensor;
}
