/** Joins the figures that steps record, as tfjs's BaseLogger does: means weigh each step by its rows. */
import type { FigureColumn } from "../graph/terms.js";

/** Figures of some steps, not yet divided. */
export interface FigureSumsState {
  readonly rows: number;
  /** As `figureColumns` lays them out. */
  readonly sums: Float64Array;
}

export class FigureSums {
  readonly #columns: readonly FigureColumn[];
  readonly #sums: Float64Array;
  #rows: number;

  /** @param state of sums that these go on from */
  constructor(columns: readonly FigureColumn[], state?: FigureSumsState) {
    this.#columns = columns;
    this.#rows = state?.rows ?? 0;
    this.#sums =
      state?.sums.slice() ?? new Float64Array(columns.reduce((sum, { width }) => sum + width, 0));
  }

  /** A copy of what has been taken in. */
  get state(): FigureSumsState {
    return { rows: this.#rows, sums: this.#sums.slice() };
  }

  /** Takes in what one step of `rows` rows recorded. */
  add(figures: ArrayLike<number>, rows: number): void {
    this.#rows += rows;
    let at = 0;
    for (const { width, joins } of this.#columns) {
      const weight = joins === "mean" ? rows : 1;
      for (let end = at + width; at < end; at++) {
        this.#sums[at] = (this.#sums[at] as number) + weight * (figures[at] as number);
      }
    }
  }

  /** Each figure so far, by its label. */
  result(): Record<string, number> {
    const result: Record<string, number> = {};
    let at = 0;
    for (const { label, width, joins, value } of this.#columns) {
      const divisor = joins === "mean" ? this.#rows : 1;
      result[label] = value(this.#sums.subarray(at, at + width).map((sum) => sum / divisor));
      at += width;
    }
    return result;
  }
}
