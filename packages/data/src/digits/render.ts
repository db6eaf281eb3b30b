/** Strokes to pixels: coverage falls off with the distance to the nearest stroke. */
import type { Stroke } from "./skeletons.js";

export const SIZE = 28;

/** Width of the soft edge, in pixels: as an area-averaged scan has. */
const EDGE = 1.1;

/** Room for one picture's squared distances: most of the time went into making it anew. */
const nearest = new Float64Array(SIZE * SIZE);

/**
 * Draws strokes (pixel coordinates) into `image`, which is overwritten.
 * @param image SIZE × SIZE intensities, 0 to 1
 * @param radius half the pen's width, in pixels
 */
export function drawStrokes(image: Float32Array, strokes: readonly Stroke[], radius: number): void {
  nearest.fill(Number.POSITIVE_INFINITY);
  const reach = radius + EDGE;
  for (const points of strokes) {
    for (let index = 2; index < points.length; index += 2) {
      approach(
        points[index - 2] as number,
        points[index - 1] as number,
        points[index] as number,
        points[index + 1] as number,
        reach,
      );
    }
  }
  for (let at = 0; at < nearest.length; at++) {
    const coverage = (radius - Math.sqrt(nearest[at] as number)) / EDGE + 0.5;
    image[at] = Math.max(0, Math.min(1, coverage));
  }
}

/** Takes a segment into account for the pixels that it may reach. */
function approach(x0: number, y0: number, x1: number, y1: number, reach: number): void {
  const left = Math.max(0, Math.ceil(Math.min(x0, x1) - reach));
  const right = Math.min(SIZE - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
  const bottom = Math.min(SIZE - 1, Math.floor(Math.max(y0, y1) + reach));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const lengthSquared = dx * dx + dy * dy || 1;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = ((x - x0) * dx + (y - y0) * dy) / lengthSquared;
      const t = along < 0 ? 0 : along > 1 ? 1 : along;
      const offX = x - x0 - t * dx;
      const offY = y - y0 - t * dy;
      const squared = offX * offX + offY * offY;
      const at = y * SIZE + x;
      if (squared < (nearest[at] as number)) nearest[at] = squared;
    }
  }
}
