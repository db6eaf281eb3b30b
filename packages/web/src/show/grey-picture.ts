/** Small pictures of one channel, as canvases whose pixels stay sharp. */
import { element } from "../element.js";

/**
 * @param values row by row @param light what is drawn as full ink; the greatest unless given
 * @param signed true draws what is below 0 in another colour
 */
export function greyPicture(
  values: ArrayLike<number>,
  { width, height, light, label, signed = false }: PictureOptions,
): HTMLCanvasElement {
  const canvas = element("canvas", {
    width,
    height,
    class: "pixels",
    ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }),
  });
  drawGrey(canvas, values, { width, height, light, signed });
  return canvas;
}

/** Pictures side by side in `place`; canvases that are there already are drawn anew, since making them costs more. */
export function showGreyPictures(
  place: HTMLElement,
  pictures: readonly { readonly values: ArrayLike<number>; readonly options: PictureOptions }[],
): void {
  const there = [...place.children] as HTMLCanvasElement[];
  const fit =
    there.length === pictures.length &&
    pictures.every(
      ({ options: { width, height } }, at) =>
        there[at]?.width === width && there[at].height === height,
    );
  if (!fit) {
    place.replaceChildren(...pictures.map(({ values, options }) => greyPicture(values, options)));
    return;
  }
  for (const [at, { values, options }] of pictures.entries()) {
    drawGrey(there[at] as HTMLCanvasElement, values, options);
  }
}

export interface PictureOptions {
  readonly width: number;
  readonly height: number;
  readonly light?: number | undefined;
  readonly signed?: boolean;
  /** For who listens; a picture without one is decoration. */
  readonly label?: string;
}

/** White on black where all is from 0; blue above 0 and orange below, on white, where signs matter. */
export function drawGrey(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  { width, height, light, signed }: PictureOptions,
): void {
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  const image = context.createImageData(width, height);
  let greatest = light ?? 0;
  if (light === undefined) {
    for (let at = 0; at < values.length; at++)
      greatest = Math.max(greatest, Math.abs(values[at] as number));
  }
  const scale = greatest === 0 ? 0 : 1 / greatest;
  for (let at = 0; at < width * height; at++) {
    const share = Math.max(-1, Math.min(1, (values[at] as number) * scale));
    const [red, green, blue] = signed
      ? signedColour(share)
      : [share * 255, share * 255, share * 255];
    image.data.set([red, green, blue, 255], at * 4);
  }
  context.putImageData(image, 0, 0);
}

function signedColour(share: number): readonly [number, number, number] {
  const rest = 1 - Math.abs(share);
  const mixed = (full: number) => full + (247 - full) * rest;
  return share >= 0 ? [mixed(0), mixed(90), mixed(158)] : [mixed(196), mixed(74), mixed(0)];
}
