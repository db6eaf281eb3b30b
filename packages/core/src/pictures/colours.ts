/** Pixels as a picture has them become channels as a model takes them. */
import type { Colour } from "./options.js";

/**
 * Lays a line on the background: brightness, or red, green and blue. For 4 channels nothing is laid on anything: colours
 * are multiplied by alpha, so that what is transparent has no say where pixels fall together; `divided` takes it back.
 * @param pixels of `stored` bytes each, from byte `at` on
 * @param into as many pixels as it has room for
 */
export function mixed(
  pixels: ArrayLike<number>,
  at: number,
  stored: number,
  channels: 1 | 3 | 4,
  background: Colour,
  into: Float32Array,
): void {
  const isGrey = stored < 3;
  const isOpaque = stored % 2 === 1;
  for (let from = at, to = 0; to < into.length; from += stored, to += channels) {
    const alpha = isOpaque ? 255 : (pixels[from + stored - 1] as number);
    let red = pixels[from] as number;
    let green = isGrey ? red : (pixels[from + 1] as number);
    let blue = isGrey ? red : (pixels[from + 2] as number);
    if (alpha < 255) {
      const through = channels === 4 ? 0 : 255 - alpha;
      red = (red * alpha + background[0] * through) / 255;
      green = (green * alpha + background[1] * through) / 255;
      blue = (blue * alpha + background[2] * through) / 255;
    }
    if (channels === 1) {
      into[to] = brightness(red, green, blue);
      continue;
    }
    into[to] = red;
    into[to + 1] = green;
    into[to + 2] = blue;
    if (channels === 4) into[to + 3] = alpha;
  }
}

/** The luma of ITU-R BT.601, as Pillow and tf.image.rgbToGrayscale have it. */
export function brightness(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** Colours of four channels that were multiplied by alpha, in place. */
export function divided(pixels: Float32Array): void {
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3] as number;
    for (let channel = 0; channel < 3 && alpha > 0; channel++) {
      pixels[at + channel] = ((pixels[at + channel] as number) * 255) / alpha;
    }
  }
}
