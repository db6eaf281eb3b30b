/** Pictures that were opened become bytes of rows, line by line. */
import { divided, mixed } from "./colours.js";
import type { Opened } from "./open.js";
import type { Colour, Fit } from "./options.js";
import { type Placing, placing, Resampler } from "./resample.js";

/** What every picture becomes. */
export interface Form {
  readonly size: readonly [height: number, width: number];
  readonly channels: 1 | 3 | 4;
  readonly fit: Fit;
  readonly background: Colour;
}

/** Pixels that are drawn and read at once, unless a picture may change meanwhile. */
const BAND_PIXELS = 2 ** 19;

export class Filler {
  readonly #form: Form;
  readonly #turn: () => Promise<void> | undefined;
  /** For pictures as large as the last one. */
  #known:
    | { readonly own: string; readonly placed: Placing; readonly resampler: Resampler }
    | undefined;

  /** @param turn awaited between two lines */
  constructor(form: Form, turn: () => Promise<void> | undefined) {
    this.#form = form;
    this.#turn = turn;
  }

  /** Writes one picture's pixels. */
  async fill(row: Uint8Array, opened: Opened): Promise<void> {
    const { size, channels, background } = this.#form;
    const { width, stored, isLive } = opened;
    const { placed, resampler } = this.#plan(opened);
    resampler.begin();
    const line = new Float32Array(width * channels);
    const { first, end } = resampler;
    const most = isLive ? end - first : Math.max(1, Math.floor(BAND_PIXELS / width));
    for (let top = first; top < end; top += most) {
      const rows = Math.min(most, end - top);
      const pixels = opened.read(top, rows);
      for (let at = 0; at < rows; at++) {
        mixed(pixels, at * width * stored, stored, channels, background, line);
        resampler.take(top + at, line);
        const pause = this.#turn();
        if (pause) await pause;
      }
    }
    if (channels === 4) divided(resampler.pixels);
    place(row, resampler.pixels, placed, size[1] * channels, channels, background);
  }

  #plan({ width, height }: Opened): { readonly placed: Placing; readonly resampler: Resampler } {
    const { size, channels, fit } = this.#form;
    const extents = [height, width] as const;
    const own = `${extents}`;
    if (this.#known?.own === own) return this.#known;
    const placed = placing(fit, extents, size);
    this.#known = { own, placed, resampler: new Resampler(placed, extents, channels) };
    return this.#known;
  }
}

/** Puts a picture's filled part where it belongs, rounded to bytes, and the background around it. */
function place(
  row: Uint8Array,
  pixels: Float32Array,
  { columns, rows }: Placing,
  lineLength: number,
  channels: 1 | 3 | 4,
  background: Colour,
): void {
  const around = new Float32Array(channels);
  mixed(background, 0, 3, channels, background, around);
  const target = new Uint8ClampedArray(row.buffer, row.byteOffset, row.length);
  const filled = columns.target.extent * channels;
  if (pixels.length < row.length)
    for (let at = 0; at < row.length; at += channels) target.set(around, at);
  for (let at = 0; at < rows.target.extent; at++) {
    const start = (rows.target.from + at) * lineLength + columns.target.from * channels;
    target.set(pixels.subarray(at * filled, (at + 1) * filled), start);
  }
}
