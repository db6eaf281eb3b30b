/**
 * The one hot loop of this package: C += A·B in doubles.
 *
 * Both factors are copied into Float64Arrays first, so the loop sees a single kind of array in both
 * precisions, which V8 compiles to plain loads. B is stored in panels of four columns, read front to
 * back; A is read through strides, so a transposed A needs no second copy. A tile is 2 × 4 sums, as
 * many as fit in registers. Each sum adds its terms in order, p = 0, 1, ..., and rounds when stored.
 */
import type { Floats } from "./kernel.js";

const PANEL = 4;

/** Room for B [k,n] in panels. */
export function makePanels(k: number, n: number): Float64Array {
  return new Float64Array(k * PANEL * Math.ceil(n / PANEL));
}

/** Stores element (p, j) of B, `b[start + p·depthStride + j·columnStride]`; the last panel ends in zeros. */
export function packPanels(
  panels: Float64Array,
  b: Floats,
  start: number,
  depthStride: number,
  columnStride: number,
  k: number,
  n: number,
): void {
  let at = 0;
  for (let first = 0; first < n; first += PANEL) {
    for (let p = 0; p < k; p++) {
      const row = start + p * depthStride;
      for (let j = first; j < first + PANEL; j++) {
        panels[at++] = j < n ? (b[row + j * columnStride] as number) : 0;
      }
    }
  }
}

/**
 * C += A·B.
 * @param c [m,n] row-major from `cStart` on
 * @param a element (i, p) is `a[aStart + i·rowStride + p·depthStride]`
 * @param panels B [k,n] from `packPanels`
 */
export function multiplyAdd(
  c: Floats,
  cStart: number,
  a: Float64Array,
  aStart: number,
  rowStride: number,
  depthStride: number,
  panels: Float64Array,
  m: number,
  k: number,
  n: number,
): void {
  for (let j = 0; j < n; j += PANEL) {
    const panel = j * k;
    const panelEnd = panel + PANEL * k;
    for (let i = 0; i < m; i += 2) {
      const paired = i + 1 < m;
      let upper = aStart + i * rowStride;
      let lower = paired ? upper + rowStride : upper;
      let u0 = 0;
      let u1 = 0;
      let u2 = 0;
      let u3 = 0;
      let l0 = 0;
      let l1 = 0;
      let l2 = 0;
      let l3 = 0;
      for (let p = panel; p < panelEnd; p += PANEL) {
        const u = a[upper] as number;
        const l = a[lower] as number;
        const b0 = panels[p] as number;
        const b1 = panels[p + 1] as number;
        const b2 = panels[p + 2] as number;
        const b3 = panels[p + 3] as number;
        u0 += u * b0;
        u1 += u * b1;
        u2 += u * b2;
        u3 += u * b3;
        l0 += l * b0;
        l1 += l * b1;
        l2 += l * b2;
        l3 += l * b3;
        upper += depthStride;
        lower += depthStride;
      }
      const at = cStart + i * n + j;
      addToRow(c, at, n - j, u0, u1, u2, u3);
      if (paired) addToRow(c, at + n, n - j, l0, l1, l2, l3);
    }
  }
}

/** Adds as many of four sums as the row has columns left. */
function addToRow(
  c: Floats,
  at: number,
  columns: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
): void {
  c[at] = (c[at] as number) + s0;
  if (columns > 1) c[at + 1] = (c[at + 1] as number) + s1;
  if (columns > 2) c[at + 2] = (c[at + 2] as number) + s2;
  if (columns > 3) c[at + 3] = (c[at + 3] as number) + s3;
}

/** An operand as doubles: itself in 64 bits, else a copy that `refresh` brings up to date. */
export class Doubles {
  readonly values: Float64Array;
  readonly #source: Floats;

  constructor(source: Floats) {
    this.#source = source;
    this.values = source instanceof Float64Array ? source : new Float64Array(source.length);
  }

  refresh(): void {
    if (this.values !== this.#source) this.values.set(this.#source);
  }
}
