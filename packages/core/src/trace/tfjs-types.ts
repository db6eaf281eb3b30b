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
  /** Counts up: a weight made later has a larger one. */
  readonly id: number;
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

/** A layer as a model lists it. */
export interface ModelLayer extends LayerLike {
  readonly stateful?: boolean;
  readonly trainable?: boolean;
  readonly trainableWeights?: readonly LayerVariableLike[];
  readonly nonTrainableWeights?: readonly LayerVariableLike[];
  /** Of a nested model alone. */
  readonly layers?: readonly ModelLayer[];
  readonly containerNodes?: ReadonlySet<string>;
  readonly inboundNodes?: readonly { readonly callArgs?: Kwargs | null }[];
  readonly losses?: readonly unknown[];
  /** Of recurrent layers and of Bidirectional. */
  readonly cell?: ModelLayer;
  readonly cells?: readonly ModelLayer[];
  readonly forwardLayer?: ModelLayer;
  readonly backwardLayer?: ModelLayer;
  /** Of TimeDistributed. */
  readonly layer?: ModelLayer;
  /** Of a cell, from one of its time steps to the next. */
  dropoutMask?: unknown;
  recurrentDropoutMask?: unknown;
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
  /** As tfjs's Layer. */
  build(inputShape?: unknown): void;
  /** As tfjs's Layer. */
  apply(inputs: unknown, kwargs?: unknown): unknown;
  /** As tfjs's Layer. */
  calculateLosses(): readonly TensorLike[];
}

/** True for what has the parts of a tf.LayersModel that are used here. */
export function isLayersModel(model: unknown): model is LayersModelLike {
  const given = model as Partial<LayersModelLike> | null | undefined;
  return (
    typeof given === "object" &&
    given !== null &&
    typeof given.apply === "function" &&
    typeof given.calculateLosses === "function" &&
    Array.isArray(given.inputs) &&
    Array.isArray(given.outputs)
  );
}

/** What was given in the place of a model, for errors. */
export function describeModel(model: unknown): string {
  if (typeof model === "string") return `"${model}"`;
  if (typeof model === "function") return "a function";
  if (model === null || typeof model !== "object") return String(model);
  if (Array.isArray(model)) return "an array";
  if (model instanceof Promise) return "a promise, not awaited";
  const kind = model.constructor?.name ?? "Object";
  return kind === "Object" ? "a plain object" : `of class ${kind}`;
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
  computeOutputShape(inputShape: unknown): unknown;
}

export type Apply = (this: TracedLayer, inputs: unknown, kwargs?: Kwargs) => unknown;
export interface Kwargs {
  readonly training?: boolean;
}

/** A tf.Variable. */
export interface VariableLike extends TensorLike {
  readonly name: string;
  readonly trainable: boolean;
}

/** True for a tf.Variable. */
export function isVariable(tensor: TensorLike): tensor is VariableLike {
  return "assign" in tensor && "trainable" in tensor;
}
