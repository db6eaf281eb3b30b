/** Lines of a picture, one after the other, become the pixels of one of another size. */
import { type Stretch, type Taps, tapsOf } from "./taps.js";

/** Where a picture's part goes. Extents and places of the target are whole. */
export interface Placing {
  readonly columns: { readonly source: Stretch; readonly target: Stretch };
  readonly rows: { readonly source: Stretch; readonly target: Stretch };
}

/** @param extents of the picture and of what it becomes, [height, width] */
export function placing(
  fit: "fill" | "cover" | "contain",
  [height, width]: readonly [number, number],
  [rows, columns]: readonly [number, number],
): Placing {
  const ratios = [height / rows, width / columns] as const;
  const shrinks = fit === "contain" ? Math.max(...ratios) : Math.min(...ratios);
  const along = (extent: number, target: number) => {
    if (fit === "cover") {
      const shown = target * shrinks;
      return {
        source: { from: (extent - shown) / 2, extent: shown },
        target: { from: 0, extent: target },
      };
    }
    const filled =
      fit === "fill" ? target : Math.min(target, Math.max(1, Math.round(extent / shrinks)));
    return {
      source: { from: 0, extent },
      target: { from: Math.floor((target - filled) / 2), extent: filled },
    };
  };
  return { columns: along(width, columns), rows: along(height, rows) };
}

/** Taps of many pixels, side by side: pixel `p` has those from `ends[p - 1]` up to `ends[p]`. */
interface Lattice {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly weights: Float64Array;
}

function lattice(taps: readonly Taps[]): Lattice {
  let end = 0;
  return {
    starts: Int32Array.from(taps, ({ start }) => start),
    ends: Int32Array.from(taps, ({ weights }) => {
      end += weights.length;
      return end;
    }),
    weights: Float64Array.from(taps.flatMap(({ weights }) => weights)),
  };
}

/** Brings pictures of one size to another, one at a time. */
export class Resampler {
  /** Lines of the picture that are needed: from this one up to but not including that one. */
  readonly first: number;
  readonly end: number;
  /** Pixels of the target's filled part, once all lines were taken. */
  readonly pixels: Float32Array;
  readonly #channels: number;
  readonly #across: Lattice;
  readonly #down: readonly Taps[];
  readonly #line: Float32Array;
  /** The first target row that is not whole yet. */
  #open = 0;

  constructor(
    { columns, rows }: Placing,
    [height, width]: readonly [number, number],
    channels: number,
  ) {
    this.#channels = channels;
    this.#across = lattice(tapsOf(columns.source, width, columns.target.extent));
    this.#down = tapsOf(rows.source, height, rows.target.extent);
    this.#line = new Float32Array(columns.target.extent * channels);
    this.pixels = new Float32Array(rows.target.extent * this.#line.length);
    this.first = this.#down[0]?.start ?? 0;
    this.end = Math.max(...this.#down.map(({ start, weights }) => start + weights.length));
  }

  /** Begins with the next picture. */
  begin(): void {
    this.pixels.fill(0);
    this.#open = 0;
  }

  /** Takes a line of the picture; lines come in order, from `first` on. */
  take(row: number, line: Float32Array): void {
    this.#shorten(line);
    const shortened = this.#line;
    const { pixels } = this;
    for (let target = this.#open; target < this.#down.length; target++) {
      const { start, weights } = this.#down[target] as Taps;
      if (start > row) return;
      const weight = weights[row - start];
      if (weight === undefined) {
        this.#open = target + 1;
        continue;
      }
      const at = target * shortened.length;
      for (let index = 0; index < shortened.length; index++) {
        pixels[at + index] = (pixels[at + index] as number) + weight * (shortened[index] as number);
      }
    }
  }

  #shorten(line: Float32Array): void {
    const channels = this.#channels;
    const { starts, ends, weights } = this.#across;
    const shortened = this.#line;
    for (let column = 0, tap = 0; column < starts.length; column++) {
      const [from, end] = [tap, ends[column] as number];
      for (let channel = 0; channel < channels; channel++) {
        let at = (starts[column] as number) * channels + channel;
        let sum = 0;
        for (tap = from; tap < end; tap++, at += channels) {
          sum += (weights[tap] as number) * (line[at] as number);
        }
        shortened[column * channels + channel] = sum;
      }
    }
  }
}
