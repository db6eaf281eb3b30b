/**
 * Gradients of what is read in slices: the states of a recurrent layer's gates, the time steps of a
 * sequence. Slices along one axis that do not overlap give one Concat of their gradients, with zeros
 * where nothing was read; one by one, each would be padded to the whole tensor and added to the rest.
 *
 * A slice's gradient therefore waits until the walk backwards has met all of the tensor's readers.
 */
import type { GraphBuilder } from "./builder.js";
import { unsliced } from "./gradients/shape.js";
import { numbers } from "./ops/rules.js";
import type { Node, Shape } from "./types.js";

/** One range of a tensor, and the gradient of all slices of just that range. */
interface Part {
  readonly label: string | undefined;
  readonly begin: readonly number[];
  readonly size: readonly number[];
  /** The only axis along which it is not whole; undefined where there are several, or none. */
  readonly axis: number | undefined;
  gradient: number;
}

export class SliceGradients {
  readonly #builder: GraphBuilder;
  /** By tensor, and by range. */
  readonly #waiting = new Map<number, Map<string, Part>>();

  constructor(builder: GraphBuilder) {
    this.#builder = builder;
  }

  /** Keeps the gradient of a slice's result. */
  add(slice: Node, gradient: number): void {
    const source = slice.inputs[0] as number;
    const parts = this.#waiting.get(source) ?? new Map<string, Part>();
    this.#waiting.set(source, parts);
    const { attributes, label } = slice;
    const [begin, size] = [numbers(attributes, "begin"), numbers(attributes, "size")];
    const key = `${begin}/${size}`;
    const known = parts.get(key);
    if (known) {
      known.gradient = this.#builder.op("Add", [known.gradient, gradient]);
      return;
    }
    const axis = cutAxis(this.#builder.shape(source), size);
    parts.set(key, { label, begin, size, axis, gradient });
  }

  /** Tensors whose slices wait. */
  get waiting(): readonly number[] {
    return [...this.#waiting.keys()];
  }

  /** Appends the gradients of `source` for all slices of it that wait; the sum of them is its gradient. */
  take(source: number): readonly number[] {
    const parts = this.#waiting.get(source);
    if (!parts) return [];
    this.#waiting.delete(source);
    return rowsOf([...parts.values()]).map((row) => this.#joined(this.#builder.shape(source), row));
  }

  #joined(shape: Shape, row: readonly Part[]): number {
    const builder = this.#builder;
    const { axis, label, begin, size, gradient } = row[0] as Part;
    builder.label = label;
    if (axis === undefined || row.length === 1) {
      return unsliced(builder, gradient, shape, begin, size);
    }
    const inputs: number[] = [];
    let end = 0;
    const fillTo = (start: number) => {
      if (start === end) return;
      const gap = shape.map((extent, at) => (at === axis ? start - end : extent));
      inputs.push(builder.op("Fill", [], { shape: gap, value: 0 }));
    };
    for (const { begin, size, gradient } of row) {
      fillTo(begin[axis] as number);
      inputs.push(gradient);
      end = (begin[axis] as number) + (size[axis] as number);
    }
    fillTo(shape[axis] as number);
    return builder.op("Concat", inputs, { axis });
  }
}

function cutAxis(shape: Shape, size: readonly number[]): number | undefined {
  const cut = shape.flatMap((extent, axis) => (size[axis] === extent ? [] : [axis]));
  return cut.length === 1 ? cut[0] : undefined;
}

/**
 * The parts in rows: those of a row lie along one axis, in order, and do not overlap. A part that is
 * cut along more than one axis is a row of its own.
 */
function rowsOf(parts: readonly Part[]): Part[][] {
  const rows: Part[][] = parts.filter(({ axis }) => axis === undefined).map((part) => [part]);
  for (const axis of new Set(parts.map((part) => part.axis))) {
    if (axis === undefined) continue;
    const startOf = ({ begin }: Part) => begin[axis] as number;
    const endOf = (part: Part) => startOf(part) + (part.size[axis] as number);
    const along = parts.filter((part) => part.axis === axis);
    const open: Part[][] = [];
    for (const part of along.sort((a, b) => startOf(a) - startOf(b))) {
      const row = open.find((known) => endOf(known.at(-1) as Part) <= startOf(part));
      if (row) row.push(part);
      else open.push([part]);
    }
    rows.push(...open);
  }
  return rows;
}
