/** What another decoder, which passes the public PngSuite, makes of a PNG file. */
import { PNG } from "pngjs";

/** Gray on white paper, 0 to 1. */
export function grayByPngjs(bytes: Uint8Array): Float32Array {
  const { width, height, data, depth, colorType } = PNG.sync.read(Buffer.from(bytes), {
    skipRescale: true,
  }) as unknown as {
    width: number;
    height: number;
    data: ArrayLike<number>;
    depth: number;
    colorType: number;
  };
  // A palette's colours have 8 bits, whatever its pixels take.
  const largest = colorType === 3 ? 255 : 2 ** depth - 1;
  return Float32Array.from({ length: width * height }, (_, pixel) => {
    const [red, green, blue, alpha] = [0, 1, 2, 3].map((at) => data[4 * pixel + at]! / largest);
    const gray = 0.299 * red! + 0.587 * green! + 0.114 * blue!;
    return gray * alpha! + (1 - alpha!);
  });
}
