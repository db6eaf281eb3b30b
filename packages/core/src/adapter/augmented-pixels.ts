/** What AugmentImages draws, for adapters that do so on the host. */
import type { Call } from "../plan/program.js";
import { philox } from "../random.js";
import { numberAttribute, shapeOfInput } from "./calls.js";

/** Marks a pixel that none of the image moved to. */
export const VACATED = -1;

/**
 * For a call of AugmentImages: fills `sources`, of one element for each pixel of the batch, with the pixel of
 * the input that comes there, or with VACATED. Makes no objects.
 */
export function augmentedPixels(
  call: Call,
): (sources: Int32Array, step: number, seed: number) => void {
  const [batch, height, width] = shapeOfInput(call, 0) as readonly [number, number, number];
  const shift = numberAttribute(call, "shift");
  const ordinal = numberAttribute(call, "ordinal");
  const mayFlip = call.attributes.flip === true;
  const drawn = new Uint32Array(4);
  /** From −shift to shift. The product is exact: both factors are whole, and below 2^53 together. */
  const move = (lane: number) =>
    Math.floor(((drawn[lane] as number) * (2 * shift + 1)) / 2 ** 32) - shift;
  return (sources, step, seed) => {
    sources.fill(VACATED);
    for (let image = 0; image < batch; image++) {
      philox(drawn, image, step, 0, 0, seed, ordinal);
      const [down, right] = [move(0), move(1)];
      const isMirrored = mayFlip && (drawn[2] as number) >= 2 ** 31;
      for (let i = Math.max(0, down); i < Math.min(height, height + down); i++) {
        for (let j = Math.max(0, right); j < Math.min(width, width + right); j++) {
          const column = isMirrored ? width - 1 - (j - right) : j - right;
          sources[(image * height + i) * width + j] = (image * height + i - down) * width + column;
        }
      }
    }
  };
}
