/**
 * A tfjs tensor as the graph sees it, and the arithmetic on such tensors.
 *
 * tfjs reshapes and tiles where a broadcast would do (layer normalisation tiles four times). A tensor is
 * therefore kept as a view of a graph tensor and becomes nodes of its own only where an op needs it dense.
 */
import type { GraphBuilder } from "../graph/builder.js";
import { broadcastShape, sizeOf } from "../graph/geometry.js";
import type { Attributes, Shape } from "../graph/types.js";
import type { TypedArray } from "../typed-array.js";

/** tfjs's types; `bool`, and `int32` that was computed, are float32 in the graph. */
export type TensorType = "float32" | "int32" | "bool";

export interface Traced {
  readonly shape: Shape;
  readonly dtype: TensorType;
  /** The tensor in the graph. */
  readonly source: number;
  /** True when the source is broadcast to `shape`, false when it only has another shape. */
  readonly spread: boolean;
}

const sameShape = (a: Shape, b: Shape) => `${a}` === `${b}`;

export class TracedBuilder {
  /** The layer that asked for a constant, for errors. */
  readonly constantLabels = new Map<number, string>();
  readonly #scalars = new Map<number, number>();

  constructor(readonly graph: GraphBuilder) {}

  from(source: number, dtype: TensorType = "float32"): Traced {
    return { shape: this.graph.shape(source), dtype, source, spread: false };
  }

  /** A constant; one that holds a single value throughout is stored as a scalar and broadcast. */
  constant(values: TypedArray, shape: Shape, dtype: TensorType): Traced {
    const first = values[0];
    const uniform = values.length > 1 && (values as Float32Array).every((value) => value === first);
    const source = uniform
      ? this.graph.constant(values.slice(0, 1), [])
      : this.graph.constant(values, shape);
    if (this.graph.label !== undefined) this.constantLabels.set(source, this.graph.label);
    return { shape, dtype, source, spread: uniform };
  }

  /** A number of our own. Those that tfjs makes are never shared: they may change with the batch size. */
  scalar(value: number): Traced {
    const source = this.#scalars.get(value) ?? this.graph.constant(Float64Array.of(value), []);
    this.#scalars.set(value, source);
    return this.from(source);
  }

  /** The values of a constant, undefined for anything else. */
  valuesOf(traced: Traced): TypedArray | undefined {
    const tensor = this.graph.tensor(traced.source);
    return tensor.role === "constant" ? tensor.value : undefined;
  }

  /** The number a tensor holds everywhere, when that is known. */
  numberOf(traced: Traced): number | undefined {
    const values = this.valuesOf(traced);
    return values?.length === 1 ? values[0] : undefined;
  }

  /** A graph tensor of exactly the traced shape. */
  dense(traced: Traced): number {
    const { shape, spread } = traced;
    const own = this.graph.shape(traced.source);
    if (!spread || sizeOf(own) === sizeOf(shape)) return this.#reshaped(traced.source, shape);
    const { source } = this.float(traced);
    const value = this.numberOf(traced);
    if (value !== undefined) return this.graph.op("Fill", [], { shape: [...shape], value });
    const padded = [...new Array<number>(shape.length - own.length).fill(1), ...own];
    const reps = shape.map((extent, axis) => extent / (padded[axis] as number));
    return this.graph.op("Tile", [this.#reshaped(source, padded)], { reps });
  }

  /** The same numbers as float32, the type of all arithmetic. */
  float(traced: Traced): Traced {
    const tensor = this.graph.tensor(traced.source);
    if (tensor.dtype === "float32") return traced;
    const source =
      tensor.role === "constant" && tensor.value
        ? this.graph.constant(Float32Array.from(tensor.value), tensor.shape)
        : this.graph.op("Cast", [traced.source], { dtype: "float32" });
    return { ...traced, source };
  }

  reshape(traced: Traced, shape: Shape): Traced {
    if (sameShape(traced.shape, shape)) return traced;
    const own = this.graph.shape(traced.source);
    if (!traced.spread || sizeOf(own) === sizeOf(shape)) return { ...traced, shape, spread: false };
    if (sizeOf(own) === 1) {
      return { ...traced, source: this.#reshaped(traced.source, []), shape };
    }
    // Axes of extent 1 added or taken away in front leave a broadcast what it is.
    if (sameShape(withoutLeadingOnes(traced.shape), withoutLeadingOnes(shape))) {
      const fitting = own.slice(Math.max(0, own.length - shape.length));
      return { ...traced, source: this.#reshaped(traced.source, fitting), shape };
    }
    return { ...traced, source: this.dense(traced), shape, spread: false };
  }

  /** A function of one element. */
  unary(op: string, traced: Traced, attributes: Attributes = {}, dtype?: TensorType): Traced {
    const x = this.float(traced);
    return { ...x, source: this.graph.op(op, [x.source], attributes), dtype: dtype ?? x.dtype };
  }

  /** A function of several elements, broadcasting; computed on the smallest tensors that hold the values. */
  elementwise(op: string, operands: readonly Traced[], dtype: TensorType = "float32"): Traced {
    const shape = operands
      .map((operand) => operand.shape)
      .reduce((a, b) => broadcastShape(a, b, op));
    const sources = operands.map((operand) => this.#operand(operand));
    const source = this.graph.op(op, sources);
    return { shape, dtype, source, spread: !sameShape(this.graph.shape(source), shape) };
  }

  /** `Sum`, `Max` or `Min`; axes that do not touch are reduced one run after another. */
  reduce(op: string, traced: Traced, axes: readonly number[], keepDims: boolean): Traced {
    const { shape } = traced;
    const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    const result = keepDims ? kept : shape.filter((_, axis) => !axes.includes(axis));
    const long = axes.filter((axis) => shape[axis] !== 1).sort((a, b) => a - b);
    if (long.length === 0) return this.reshape(traced, result);
    let source = this.dense(this.float(traced));
    for (let end = long.length; end > 0; ) {
      let start = end - 1;
      while (start > 0 && long[start - 1] === (long[start] as number) - 1) start--;
      source = this.graph.op(op, [source], { axes: long.slice(start, end), keepDims: false });
      end = start;
    }
    return { shape: result, dtype: traced.dtype, source, spread: false };
  }

  /** The count is a constant, since it may grow with the batch; reconciling the traces turns it into a `Fill` then. */
  mean(traced: Traced, axes: readonly number[], keepDims: boolean): Traced {
    const count = axes.reduce((product, axis) => product * (traced.shape[axis] as number), 1);
    const total = { ...this.reduce("Sum", traced, axes, keepDims), dtype: "float32" as const };
    if (count === 1) return total;
    return this.elementwise("RealDiv", [
      total,
      this.constant(Float64Array.of(count), [], "float32"),
    ]);
  }

  #operand(traced: Traced): number {
    return traced.spread ? traced.source : this.dense(traced);
  }

  #reshaped(id: number, shape: Shape): number {
    if (sameShape(this.graph.shape(id), shape)) return id;
    return this.graph.op("Reshape", [id], { shape: [...shape] });
  }
}

/** The shape from its first axis longer than 1. */
export function withoutLeadingOnes(shape: Shape): Shape {
  const first = shape.findIndex((extent) => extent !== 1);
  return first < 0 ? [] : shape.slice(first);
}
