/**
 * Which pixels of a line make those of a shorter or longer one: a triangle that is one pixel wide on either side where a
 * line grows (bilinear, centre on centre), and as wide as the pixels that fall together where it shrinks, so that none is
 * left out. The filter of Pillow's BILINEAR and of tf.image.resize with antialias; tf.image.resizeBilinear of tfjs looks at
 * two pixels however many fall together.
 */

/** What one pixel is made of: pixels from `start` on, by weights that sum to 1. */
export interface Taps {
  readonly start: number;
  readonly weights: readonly number[];
}

/** A stretch of a line: where it begins, in pixels or parts of them, and how long it is. */
export interface Stretch {
  readonly from: number;
  readonly extent: number;
}

/**
 * @param source the part of the line that is shown
 * @param line how long all of it is
 * @param target how many pixels the part becomes
 */
export function tapsOf(source: Stretch, line: number, target: number): readonly Taps[] {
  const ratio = source.extent / target;
  const radius = Math.max(1, ratio);
  return Array.from({ length: target }, (_, index) => {
    const centre = source.from + (index + 0.5) * ratio;
    const start = Math.max(0, Math.floor(centre - radius - 0.5) + 1);
    const end = Math.min(line, Math.ceil(centre + radius - 0.5));
    const weights = Array.from({ length: end - start }, (_, at) => {
      return 1 - Math.abs(start + at + 0.5 - centre) / radius;
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { start, weights: weights.map((weight) => weight / sum) };
  });
}
