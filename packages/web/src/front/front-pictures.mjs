/**
 * Pictures that the front of the Teach view learns from, drawn anew for each round: digits and garments (MNIST and
 * Fashion-MNIST) in two colours, turned, anywhere and in any size; figures; and grounds with a texture. A front that has
 * only seen grey pictures of one size in the middle is of little use to a camera.
 */
import { shapes } from "@hone/data";

export const SIZE = 48;
const CHANNELS = 3;
const PIXELS = SIZE * SIZE;

/** Whether a point is of the second colour, for a point (u, v) in pixels along and across, turned. */
const TEXTURES = {
  stripes: (u, _, { period }) => wave(u, period) > 0,
  checks: (u, v, { period }) => wave(u, period) * wave(v, period) > 0,
  dots: (u, v, { period }) => Math.hypot(near(u, period), near(v, period)) < 0.32 * period,
  rings: (u, v, { period }) => wave(Math.hypot(u, v), period) > 0,
  lattice: (u, v, { period }) =>
    Math.min(Math.abs(near(u, period)), Math.abs(near(v, period))) < 0.12 * period,
  waves: (u, v, { period }) => wave(u + 0.3 * period * Math.sin(v / (0.35 * period)), period) > 0,
  halves: (u) => u > 0,
  plain: () => false,
};
const TEXTURE_NAMES = Object.keys(TEXTURES);
const wave = (at, period) => Math.sin((2 * Math.PI * at) / period);
const near = (at, period) => at - period * Math.round(at / period);

/** Digits, garments, figures, textures. */
export const CLASSES = 10 + 10 + 8 + TEXTURE_NAMES.length;
/** Beside the class: red, green and blue of both colours, where there are two. */
export const COLOURS = 6;

/**
 * Draws so many pictures.
 * @param sources `{ digits, garments }`: data sets of 28×28
 * @returns rows `x` of bytes, `what`, and `colours` from 0 to 1
 */
export async function drawPictures(random, sources, rows) {
  const x = new Uint8Array(rows * PIXELS * CHANNELS);
  const what = new Uint8Array(rows);
  const colours = new Float32Array(rows * COLOURS);
  const drawn = await shapes({ size: SIZE, train: rows, test: 1, seed: random.nextInteger(1e6) });
  for (let row = 0; row < rows; row++) {
    const picture = x.subarray(row * PIXELS * CHANNELS, (row + 1) * PIXELS * CHANNELS);
    const inks = [colour(random), colour(random)];
    const kind = random.nextInteger(20);
    if (kind < 3) {
      const { columns } = drawn.train;
      picture.set(columns.x.data.subarray(row * picture.length, (row + 1) * picture.length));
      what[row] = 20 + columns.y.data[row];
      inks[0] = mean(picture);
      inks[1] = inks[0];
    } else {
      const isTexture = kind < 9;
      const name = TEXTURE_NAMES[isTexture ? random.nextInteger(TEXTURE_NAMES.length) : 7];
      const covers = textured(random, name);
      const which = kind < 15 ? "digits" : "garments";
      const sprite = isTexture ? () => 0 : turned(random, sources[which], what, row);
      if (isTexture) what[row] = 28 + TEXTURE_NAMES.indexOf(name);
      else if (which === "garments") what[row] += 10;
      paint(picture, inks, (at, down) => Math.max(covers(at, down) ? 1 : 0, sprite(at, down)));
      if (name === "plain" && isTexture) inks[1] = inks[0];
    }
    develop(random, picture);
    colours.set([...inks[0], ...inks[1]], row * COLOURS);
  }
  return { x, what, colours };
}

const between = (random, low, high) => low + (high - low) * random.nextFloat();
const colour = (random) => [random.nextFloat(), random.nextFloat(), random.nextFloat()];

function mean(picture) {
  const sums = [0, 0, 0];
  for (let at = 0; at < picture.length; at++) sums[at % CHANNELS] += picture[at] / 255 / PIXELS;
  return sums;
}

function textured(random, name) {
  const period = between(random, 4, 17);
  const [x, y] = [between(random, 6, 42), between(random, 6, 42)];
  const angle = between(random, 0, 2 * Math.PI);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const covers = TEXTURES[name];
  // Half of them fill a disc only, as an object before a wall would.
  const radius = random.nextInteger(2) ? between(random, 11, 23) : 100;
  return (at, down) => {
    const [u, v] = [at - x, down - y];
    return Math.hypot(u, v) < radius && covers(cos * u + sin * v, cos * v - sin * u, { period });
  };
}

/** A 28×28 picture as a function of where one looks, from 0 to 1. */
function turned(random, dataset, what, row) {
  const from = random.nextInteger(dataset.rows);
  const pixels = dataset.columns.x.data.subarray(from * 784, (from + 1) * 784);
  what[row] = dataset.columns.y.data[from];
  const side = between(random, 20, 46);
  const angle = between(random, -0.4, 0.4);
  const [cos, sin] = [Math.cos(angle) * (28 / side), Math.sin(angle) * (28 / side)];
  const [x, y] = [
    between(random, side / 2 - 3, SIZE + 3 - side / 2),
    between(random, side / 2 - 3, SIZE + 3 - side / 2),
  ];
  const pixel = (u, v) => (u < 0 || v < 0 || u > 27 || v > 27 ? 0 : pixels[v * 28 + u] / 255);
  return (at, down) => {
    const u = cos * (at - x) + sin * (down - y) + 13.5;
    const v = cos * (down - y) - sin * (at - x) + 13.5;
    const [left, top] = [Math.floor(u), Math.floor(v)];
    const [a, b] = [u - left, v - top];
    return (
      (1 - b) * ((1 - a) * pixel(left, top) + a * pixel(left + 1, top)) +
      b * ((1 - a) * pixel(left, top + 1) + a * pixel(left + 1, top + 1))
    );
  };
}

function paint(picture, [ground, ink], shareAt) {
  for (let at = 0; at < PIXELS; at++) {
    const share = shareAt(at % SIZE, Math.floor(at / SIZE));
    for (let channel = 0; channel < CHANNELS; channel++) {
      picture[at * CHANNELS + channel] =
        255 * (ground[channel] * (1 - share) + ink[channel] * share);
    }
  }
}

/** Light from a side, and the noise of a camera. */
function develop(random, picture) {
  const [x, y, noise] = [
    between(random, -40, 40),
    between(random, -40, 40),
    between(random, 0, 12),
  ];
  for (let at = 0; at < PIXELS; at++) {
    const light = x * ((at % SIZE) / SIZE - 0.5) + y * (Math.floor(at / SIZE) / SIZE - 0.5);
    for (let channel = 0; channel < CHANNELS; channel++) {
      const index = at * CHANNELS + channel;
      const value = picture[index] + light + noise * (random.nextFloat() + random.nextFloat() - 1);
      picture[index] = Math.max(0, Math.min(255, Math.round(value)));
    }
  }
}
