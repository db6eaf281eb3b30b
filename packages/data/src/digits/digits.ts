/**
 * A set of digit images that needs no file and no network: pen strokes drawn by code, each image
 * written, slanted, bent, thick and noisy in its own way. Synthetic, and marked so.
 */
import { HOST_STREAMS, HoneError, type PlainDataset, RandomStream } from "@hone/core";
import { checkOptions, inTurns, isAnything, type Option } from "@hone/core/backend";
import type { DatasetPair } from "../official.js";
import { drawStrokes, SIZE } from "./render.js";
import { SKELETONS, type Skeleton, type Stroke } from "./skeletons.js";

export const TRAIN_ROWS = 6000;
export const TEST_ROWS = 1000;

/** Test images are drawn from streams that no training image reaches. */
const TEST_STREAM = 0x80000000;
const PIXELS = SIZE * SIZE;

export interface DigitsOptions {
  /** A whole number from 0 to 2³²−1. Default 0. */
  readonly seed?: number | undefined;
  /** How many images to draw. Default 6000 and 1000. */
  readonly train?: number | undefined;
  readonly test?: number | undefined;
}

/** What an option may be, by name; the counts are checked with their bounds. */
export const knownDigits: Readonly<Record<keyof DigitsOptions, Option>> = {
  seed: { is: isAnything, wanted: "a whole number" },
  train: { is: isAnything, wanted: "a whole number" },
  test: { is: isAnything, wanted: "a whole number" },
};

/**
 * Draws the set: x uint8 [28, 28] with scale 1/255, y uint8 labels. Image i depends on the seed and
 * on i alone, so that a smaller set is the beginning of a larger one. It takes a third of a second for 7000 images, in
 * slices that leave a page awake.
 * @throws BadArgument for counts or a seed out of range.
 */
export async function digits(options: DigitsOptions = {}): Promise<DatasetPair> {
  checkOptions("digits", options, knownDigits);
  const { seed = 0, train = TRAIN_ROWS, test = TEST_ROWS } = options;
  checkWhole("seed", seed, 0, 0xffffffff);
  checkWhole("train", train, 1, 1_000_000);
  checkWhole("test", test, 1, 1_000_000);
  return {
    train: await drawSet("digits train", seed, 0, train),
    test: await drawSet("digits test", seed, TEST_STREAM, test),
  };
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const shown = typeof value === "number" ? value : `of type ${typeof value}`;
  throw new HoneError(
    "BadArgument",
    "digits",
    `${name} is ${shown}. Give a whole number from ${least} to ${most}.`,
  );
}

async function drawSet(
  name: string,
  seed: number,
  firstStream: number,
  rows: number,
): Promise<PlainDataset> {
  const images = new Uint8Array(rows * PIXELS);
  const labels = new Uint8Array(rows);
  const turn = inTurns();
  for (let row = 0; row < rows; row++) {
    const used = turn();
    if (used) await used;
    const random = new RandomStream(seed, HOST_STREAMS.digits, firstStream + row);
    labels[row] = random.nextInteger(10);
    drawDigit(images.subarray(row * PIXELS, (row + 1) * PIXELS), labels[row] as number, random);
  }
  return {
    name,
    rows,
    columns: {
      x: { data: images, shape: [SIZE, SIZE], scale: 1 / 255, offset: 0 },
      y: { data: labels, shape: [], scale: 1, offset: 0 },
    },
    classNames: SKELETONS.map((_, digit) => `${digit}`),
    synthetic: true,
    source: "drawn by code",
  };
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

function between(random: RandomStream, least: number, most: number): number {
  return least + (most - least) * random.nextFloat();
}
