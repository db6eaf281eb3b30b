/** Grey pictures as PNG, and grids of them. */
import { HoneError, typedErrors } from "@hone/core";
import { encode } from "fast-png";
import { html, type Markup } from "./markup.js";

/** A picture of one grey channel, row by row. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  /** 0 (black) to 255 (white), or the range that `greyPng` is given. */
  readonly pixels: ArrayLike<number>;
}

/**
 * The bytes of a grey PNG file.
 * @param range the values that become black and white; 0 and 255 unless given
 * @throws BadArgument for another number of pixels than width × height.
 */
export function greyPng(given: GreyImage, range: readonly [number, number] = [0, 255]): Uint8Array {
  return typedErrors("greyPng", () => {
    const { width, height, pixels } = given;
    if (pixels.length !== width * height) {
      const what = `${pixels.length} pixels were given for ${width} × ${height}. Give one for each place.`;
      throw new HoneError("BadArgument", "greyPng", what);
    }
    const [black, white] = range;
    const scale = white === black ? 0 : 255 / (white - black);
    // A clamped array rounds, holds to 0 and 255, and takes NaN for 0.
    const data = Uint8ClampedArray.from(pixels, (value) => (value - black) * scale);
    return encode({ width, height, data: new Uint8Array(data.buffer), depth: 8, channels: 1 });
  });
}

/** Bytes of a PNG file as an address that needs no network. */
export function pngAddress(png: Uint8Array): string {
  return typedErrors("pngAddress", () => {
    let text = "";
    for (const byte of png) text += String.fromCharCode(byte);
    return `data:image/png;base64,${btoa(text)}`;
  });
}

export interface GridImage extends GreyImage {
  /** What it shows, in words. */
  readonly alt: string;
  /** Lines under it. */
  readonly labels?: readonly string[];
}

export interface ImageGridOptions {
  readonly title?: string;
  readonly caption?: string;
  /** On the screen, in CSS pixels: a whole multiple of the image's width is sharpest. Default 56. */
  readonly size?: number;
  /** The values that become black and white; 0 and 255 unless given. */
  readonly range?: readonly [number, number];
}

/** Pictures side by side, as many to a line as there is room for; pixels stay square. */
export function imageGrid(images: readonly GridImage[], options: ImageGridOptions = {}): Markup {
  return typedErrors("imageGrid", () => {
    const { title, caption, size = 56, range } = options;
    const head = (title ?? caption) !== undefined;
    const items = images.map((image) => {
      const address = pngAddress(greyPng(image, range));
      const height = Math.round((size * image.height) / image.width);
      const labels = (image.labels ?? []).map((label) => html`<span>${label}</span>`);
      return html`<li style="width: ${size}px"><img src="${address}" alt="${image.alt}" width="${size}" height="${height}">${labels}</li>`;
    });
    const list =
      images.length === 0 ? html`<p>no images</p>` : html`<ul class="images">${items}</ul>`;
    if (!head) return list;
    const above =
      title === undefined ? undefined : html`<figcaption><strong>${title}</strong></figcaption>`;
    const below = caption === undefined ? undefined : html`<p class="caption">${caption}</p>`;
    return html`<figure>${above}${list}${below}</figure>`;
  });
}
