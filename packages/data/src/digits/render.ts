/** Strokes to pixels: coverage falls off with the distance to the nearest stroke. */
import type { Stroke } from "./skeletons.js";

export const SIZE = 28;

/** Width of the soft edge, in pixels: as an area-averaged scan has. */
const EDGE = 1.1;

/**
 * Draws strokes (pixel coordinates) into `image`, darkest wins.
 * @param image SIZE × SIZE intensities, 0 to 1
 * @param radius half the pen's width, in pixels
 */
export function drawStrokes(image: Float32Array, strokes: readonly Stroke[], radius: number): void {
  for (const points of strokes) {
    for (let index = 2; index < points.length; index += 2) {
      drawSegment(
        image,
        points[index - 2] as number,
        points[index - 1] as number,
        points[index] as number,
        points[index + 1] as number,
        radius,
      );
    }
  }
}

function drawSegment(
  image: Float32Array,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  radius: number,
): void {
  const reach = radius + EDGE;
  const left = Math.max(0, Math.ceil(Math.min(x0, x1) - reach));
  const right = Math.min(SIZE - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
  const bottom = Math.min(SIZE - 1, Math.floor(Math.max(y0, y1) + reach));
  const [dx, dy] = [x1 - x0, y1 - y0];
  const lengthSquared = dx * dx + dy * dy || 1;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = ((x - x0) * dx + (y - y0) * dy) / lengthSquared;
      const t = Math.min(1, Math.max(0, along));
      const distance = Math.hypot(x - x0 - t * dx, y - y0 - t * dy);
      const coverage = Math.min(1, (radius - distance) / EDGE + 0.5);
      const at = y * SIZE + x;
      if (coverage > (image[at] as number)) image[at] = coverage;
    }
  }
}
