/** Images of a test set, with what was said of them. */
import type { GreyImage, GridImage } from "../../html/kit.js";

/** The pixels of a test set, image after image, and the names of its classes. */
export interface TestImages {
  readonly width: number;
  readonly height: number;
  readonly pixels: ArrayLike<number>;
  readonly classNames: readonly string[];
}

/** What one model took an image for. */
export interface Answer {
  readonly model: string;
  readonly predicted: number;
  readonly confidence: number;
}

/** One image, with its number, its true class and each answer under it. */
export function toldImage(
  images: TestImages,
  row: number,
  truth: number,
  answers: readonly Answer[],
): GridImage {
  const name = (index: number) => images.classNames[index] ?? `${index}`;
  const given = answers.flatMap(({ model, predicted, confidence }) => [
    `${model}: ${name(predicted)}`,
    confidenceText(confidence),
  ]);
  return {
    ...pictureOf(images, row),
    alt: `test image ${row}, truly ${name(truth)}`,
    labels: [`true: ${name(truth)}`, ...given],
  };
}

/** Never "100.0 %": nothing is given all the probability. */
function confidenceText(confidence: number): string {
  return confidence >= 0.9995 ? ">\u00a099.9\u00a0%" : `${(100 * confidence).toFixed(1)}\u00a0%`;
}

export function pictureOf({ width, height, pixels }: TestImages, row: number): GreyImage {
  const [start, length] = [row * width * height, width * height];
  return {
    width,
    height,
    pixels: Uint8Array.from({ length }, (_, index) => pixels[start + index] as number),
  };
}

const gap = 2;
const gapShade = 96;

/** Pictures of one size as one picture, in lines of `columns`, parted by grey. */
export function contactSheet(pictures: readonly GreyImage[], columns: number): GreyImage {
  const [first] = pictures;
  if (first === undefined) return { width: 0, height: 0, pixels: [] };
  const [stepX, stepY] = [first.width + gap, first.height + gap];
  const width = Math.min(columns, pictures.length) * stepX + gap;
  const height = Math.ceil(pictures.length / columns) * stepY + gap;
  const pixels = new Uint8Array(width * height).fill(gapShade);
  for (const [index, picture] of pictures.entries()) {
    const left = gap + (index % columns) * stepX;
    const top = gap + Math.floor(index / columns) * stepY;
    for (let at = 0; at < picture.width * picture.height; at++) {
      const [x, y] = [at % picture.width, Math.floor(at / picture.width)];
      pixels[(top + y) * width + left + x] = picture.pixels[at] as number;
    }
  }
  return { width, height, pixels };
}
