/**
 * A set of digit images that needs no file and no network: pen strokes drawn by code, each image
 * written, slanted, bent, thick and noisy in its own way. Synthetic, and marked so.
 */
import { HOST_STREAMS, type RandomStream } from "@hone/core/data";
import { between, drawMade, type MadeOptions } from "../made/made-set.js";
import type { DatasetPair } from "../official.js";
import { drawStrokes, SIZE } from "./render.js";
import { SKELETONS, type Skeleton, type Stroke } from "./skeletons.js";

export const DIGITS = { train: 6000, test: 1000 } as const;

const PIXELS = SIZE * SIZE;

/** 6000 and 1000 rows unless told otherwise. */
export type DigitsOptions = MadeOptions;

/**
 * Draws the set: x uint8 [28, 28] with scale 1/255, y uint8 labels. It takes a third of a second for 7000 images, in
 * slices that leave a page awake.
 * @throws BadArgument for counts or a seed out of range.
 */
export async function digits(options: DigitsOptions = {}): Promise<DatasetPair> {
  const made = {
    name: "digits",
    stream: HOST_STREAMS.digits,
    rows: DIGITS,
    x: { shape: [SIZE, SIZE], scale: 1 / 255 },
    y: { shape: [] },
    classNames: SKELETONS.map((_, digit) => `${digit}`),
    draw: (random: RandomStream, x: ArrayLike<number>, y: { [at: number]: number }) => {
      const label = random.nextInteger(10);
      y[0] = label;
      drawDigit(x as Uint8Array, label, random);
    },
  };
  return drawMade(made, options);
}

function drawDigit(pixels: Uint8Array, digit: number, random: RandomStream): void {
  const ways = SKELETONS[digit] as readonly Skeleton[];
  const skeleton = ways[random.nextInteger(ways.length)] as Skeleton;
  const strokes = distort(skeleton, random);
  const image = new Float32Array(PIXELS);
  drawStrokes(image, strokes, between(random, 0.6, 1.7));
  addNoise(pixels, image, random);
}

/** From the unit square to pixels, through a bend of its own and an affine map. */
function distort(skeleton: Skeleton, random: RandomStream): Stroke[] {
  const waves = Array.from({ length: 4 }, () => ({
    x: between(random, -1, 1),
    y: between(random, -1, 1),
    phase: between(random, 0, 2 * Math.PI),
    amplitude: between(random, 0.01, 0.045),
  }));
  const angle = random.nextNormal() * 0.14;
  const shear = 0.12 + random.nextNormal() * 0.18;
  const width = between(random, 14, 21);
  const height = between(random, 17, 22);
  const shiftX = (SIZE - 1) / 2 + between(random, -1.5, 1.5);
  const shiftY = (SIZE - 1) / 2 + between(random, -1.5, 1.5);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];

  return skeleton.map((stroke) => {
    const points: number[] = [];
    for (let index = 0; index < stroke.length; index += 2) {
      let [x, y] = [(stroke[index] as number) - 0.5, (stroke[index + 1] as number) - 0.5];
      const [straightX, straightY] = [x, y];
      for (const [order, wave] of waves.entries()) {
        const along = 2 * Math.PI * (wave.x * straightX + wave.y * straightY) + wave.phase;
        if (order % 2 === 0) x += wave.amplitude * Math.sin(along);
        else y += wave.amplitude * Math.sin(along);
      }
      x = (x - shear * y) * width;
      y *= height;
      points.push(shiftX + cos * x - sin * y, shiftY + sin * x + cos * y);
    }
    return points;
  });
}

/** Uneven ink and a little grain, as of a scan; a random word serves four pixels. */
function addNoise(pixels: Uint8Array, image: Float32Array, random: RandomStream): void {
  const ink = between(random, 190, 255);
  const grain = between(random, 0.05, 0.35);
  const dust = between(random, 0, 60);
  let word = 0;
  for (let index = 0; index < PIXELS; index++) {
    word = index % 4 === 0 ? random.nextUint32() : word >>> 8;
    const noise = (word & 0xff) / 255;
    const speck = Math.max(0, noise - 0.9) * 10 * dust;
    const value = (image[index] as number) * ink * (1 - grain * noise) + speck;
    pixels[index] = Math.min(255, value);
  }
}
