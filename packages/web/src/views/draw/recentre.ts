/**
 * Brings a drawing to what the pictures of MNIST are: its ink fits a box of 20 by 20 pixels, with its proportions kept
 * and edges smoothed, and its centre of mass is the middle of 28 by 28. Source: http://yann.lecun.com/exdb/mnist
 * (LeCun, Cortes, Burges).
 */

export const SIZE = 28;
const DIGIT_BOX = 20;
/** What is darker is no ink, but noise of a camera. */
const LEAST_INK = 24;

/** One channel, row by row, 0 for none to 255 for full ink. */
export interface Ink {
  readonly width: number;
  readonly height: number;
  readonly values: ArrayLike<number>;
}

export type Placing = "digit" | "garment";

/**
 * @param placing garments fill all 28 pixels and stand in the middle of their outline, as in Fashion-MNIST
 * @returns 28 by 28 bytes, or undefined where there is no ink
 */
export function recentred(ink: Ink, placing: Placing): Uint8Array | undefined {
  const box = outlineOf(ink);
  if (box === undefined) return undefined;
  const most = placing === "digit" ? DIGIT_BOX : SIZE;
  const scale = most / Math.max(box.width, box.height);
  const width = Math.max(1, Math.round(box.width * scale));
  const height = Math.max(1, Math.round(box.height * scale));
  const small = resampled(ink, box, width, height);
  const centre =
    placing === "digit"
      ? massOf(small, width, height)
      : { x: (width - 1) / 2, y: (height - 1) / 2 };
  const left = clamped(Math.round((SIZE - 1) / 2 - centre.x), width);
  const top = clamped(Math.round((SIZE - 1) / 2 - centre.y), height);
  const pixels = new Uint8Array(SIZE * SIZE);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      pixels[(top + y) * SIZE + left + x] = Math.round(small[y * width + x] as number);
    }
  }
  return pixels;
}

/** A place at which all of it is within the picture. */
const clamped = (start: number, extent: number) => Math.min(SIZE - extent, Math.max(0, start));

interface Outline {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function outlineOf({ width, height, values }: Ink): Outline | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((values[y * width + x] as number) < LEAST_INK) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  if (right < 0) return undefined;
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Each pixel is the mean of what it covers, parts of pixels included. */
function resampled(ink: Ink, box: Outline, width: number, height: number): Float32Array {
  const across = coverage(box.left, box.width, width);
  const down = coverage(box.top, box.height, height);
  const small = new Float32Array(width * height);
  down.forEach((rows, y) => {
    across.forEach((columns, x) => {
      let sum = 0;
      for (const [row, rowShare] of rows) {
        for (const [column, share] of columns) {
          sum += rowShare * share * (ink.values[row * ink.width + column] as number);
        }
      }
      small[y * width + x] = sum;
    });
  });
  return small;
}

/** For each of `count` places the pixels from `start` that it covers, and how much of it each is. */
function coverage(start: number, extent: number, count: number): (readonly [number, number])[][] {
  const step = extent / count;
  return Array.from({ length: count }, (_, place) => {
    const [from, to] = [place * step, (place + 1) * step];
    const parts: (readonly [number, number])[] = [];
    for (let at = Math.floor(from); at < Math.min(extent, Math.ceil(to)); at++) {
      const share = (Math.min(to, at + 1) - Math.max(from, at)) / step;
      if (share > 0) parts.push([start + at, share]);
    }
    return parts;
  });
}

function massOf(values: Float32Array, width: number, height: number) {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = values[y * width + x] as number;
      sum += value;
      sumX += value * x;
      sumY += value * y;
    }
  }
  return { x: sumX / sum, y: sumY / sum };
}

/** Ink of a picture's pixels (RGBA): its brightness, or its darkness where it is drawn on a light ground. */
export function inkOf(rgba: Uint8ClampedArray, width: number, height: number): Ink {
  const values = new Float32Array(width * height);
  for (let at = 0; at < values.length; at++) {
    const [red, green, blue, alpha] = [0, 1, 2, 3].map(
      (channel) => rgba[at * 4 + channel] as number,
    );
    // Where a picture is clear it is paper.
    const share = (alpha as number) / 255;
    const grey = 0.299 * (red as number) + 0.587 * (green as number) + 0.114 * (blue as number);
    values[at] = share * grey + (1 - share) * 255;
  }
  const edge: number[] = [];
  for (let x = 0; x < width; x++)
    edge.push(values[x] as number, values[(height - 1) * width + x] as number);
  for (let y = 0; y < height; y++)
    edge.push(values[y * width] as number, values[y * width + width - 1] as number);
  edge.sort((one, other) => one - other);
  const ground = edge[Math.floor(edge.length / 2)] as number;
  const room = Math.max(ground, 255 - ground);
  for (let at = 0; at < values.length; at++) {
    const difference =
      ground > 127 ? ground - (values[at] as number) : (values[at] as number) - ground;
    values[at] = Math.min(255, Math.max(0, (difference / room) * 255));
  }
  return { width, height, values };
}
