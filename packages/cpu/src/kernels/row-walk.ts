/**
 * Walks several strided tensors over one index space, row by row.
 *
 * Broadcasting, transposing, slicing, padding and tiling differ only in their strides. Axes that lie
 * one behind the other in every operand are merged first, so that equal shapes make a single row and
 * a bias makes rows as long as it is.
 */
export class RowWalk {
  /** Number of rows, and elements in each. */
  readonly rows: number;
  readonly length: number;
  /** Per operand: elements between neighbours in a row. */
  readonly strides: readonly number[];
  /** Per operand: where the current row starts. */
  readonly offsets: Int32Array;
  readonly #starts: readonly number[];
  readonly #extents: readonly number[];
  readonly #outerStrides: readonly (readonly number[])[];
  readonly #position: Int32Array;

  /**
   * @param extents the index space
   * @param strides per operand, elements between neighbours along each axis (0: broadcast)
   * @param starts per operand, the element at index (0, ..., 0)
   */
  constructor(
    extents: readonly number[],
    strides: readonly (readonly number[])[],
    starts: readonly number[] = strides.map(() => 0),
  ) {
    const axes = mergedAxes(extents, strides);
    const last = axes.pop() ?? { extent: 1, strides: strides.map(() => 0) };
    this.length = last.extent;
    this.strides = last.strides;
    this.rows = axes.reduce((product, { extent }) => product * extent, 1);
    this.offsets = Int32Array.from(starts);
    this.#starts = starts;
    this.#extents = axes.map(({ extent }) => extent);
    this.#outerStrides = axes.map((axis) => axis.strides);
    this.#position = new Int32Array(axes.length);
  }

  /** Goes to the first row. */
  start(): void {
    this.offsets.set(this.#starts);
    this.#position.fill(0);
  }

  /** Goes to the next row; after the last one, back to the first. */
  next(): void {
    const { offsets } = this;
    const position = this.#position;
    for (let axis = position.length - 1; axis >= 0; axis--) {
      const extent = this.#extents[axis] as number;
      const strides = this.#outerStrides[axis] as readonly number[];
      const at = (position[axis] as number) + 1;
      const wraps = at === extent;
      const move = wraps ? 1 - extent : 1;
      position[axis] = wraps ? 0 : at;
      for (let operand = 0; operand < offsets.length; operand++) {
        offsets[operand] = (offsets[operand] as number) + move * (strides[operand] as number);
      }
      if (!wraps) return;
    }
  }
}

interface Axis {
  readonly extent: number;
  readonly strides: readonly number[];
}

function mergedAxes(extents: readonly number[], strides: readonly (readonly number[])[]): Axis[] {
  const axes: Axis[] = [];
  for (const [index, extent] of extents.entries()) {
    if (extent === 1) continue;
    const own = strides.map((operand) => operand[index] as number);
    const outer = axes.at(-1);
    const follows = outer?.strides.every(
      (stride, operand) => stride === (own[operand] as number) * extent,
    );
    if (outer && follows) axes.splice(-1, 1, { extent: outer.extent * extent, strides: own });
    else axes.push({ extent, strides: own });
  }
  return axes;
}
