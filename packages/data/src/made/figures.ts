/** Figures on a ground, as pictures in colours: what `shapes` and `scenes` are drawn with. */
import type { RandomStream } from "@hone/core";
import { between } from "./made-set.js";

/** Whether a point is in a figure that fills the circle of radius 1. */
type Figure = (u: number, v: number) => boolean;

const square: Figure = (u, v) => Math.max(Math.abs(u), Math.abs(v)) < 0.75;

/** By name. */
export const FIGURES = {
  disc: (u, v) => u * u + v * v < 1,
  ring: (u, v) => u * u + v * v < 1 && u * u + v * v > 0.35,
  square,
  frame: (u, v) => square(u, v) && Math.max(Math.abs(u), Math.abs(v)) > 0.42,
  triangle: (u, v) => v < 0.5 && Math.abs(u) * 1.732 < v + 1,
  cross: (u, v) =>
    Math.min(Math.abs(u), Math.abs(v)) < 0.28 && Math.max(Math.abs(u), Math.abs(v)) < 0.95,
  star: (u, v) => Math.hypot(u, v) < 0.72 + 0.28 * Math.cos(5 * Math.atan2(u, -v)),
  crescent: (u, v) => u * u + v * v < 1 && (u - 0.45) ** 2 + v * v > 0.6,
} as const satisfies Readonly<Record<string, Figure>>;

export type FigureName = keyof typeof FIGURES;
type Colour = readonly [number, number, number];

const CHANNELS = 3;
/** Points a pixel, along each side. */
const POINTS = 2;
/** Colours of figure and ground are at least so far apart, of 255 in each channel. */
const LEAST_CONTRAST = 150;

function colour(random: RandomStream): Colour {
  return [between(random, 20, 235), between(random, 20, 235), between(random, 20, 235)];
}

/** A colour that can be told from the ground's. */
export function colourAgainst(random: RandomStream, ground: Colour): Colour {
  for (;;) {
    const found = colour(random);
    const apart = found.reduce(
      (sum, value, at) => sum + Math.abs(value - (ground[at] as number)),
      0,
    );
    if (apart >= LEAST_CONTRAST) return found;
  }
}

/** Fills a picture with a colour that grows lighter along some direction. @returns the colour */
export function drawGround(random: RandomStream, picture: Float32Array, size: number): Colour {
  const ground = colour(random);
  const [slopeX, slopeY] = [between(random, -25, 25), between(random, -25, 25)];
  for (let at = 0; at < picture.length; at++) {
    const pixel = Math.floor(at / CHANNELS);
    const light =
      slopeX * ((pixel % size) / size - 0.5) + slopeY * (Math.floor(pixel / size) / size - 0.5);
    picture[at] = (ground[at % CHANNELS] as number) + light;
  }
  return ground;
}

export interface Placed {
  readonly figure: FigureName;
  readonly colour: Colour;
  readonly x: number;
  readonly y: number;
  /** In pixels. */
  readonly radius: number;
  /** In radians. */
  readonly angle: number;
}

/** Draws a figure over what is there. @param onPixel told each pixel of which it covers half or more */
export function drawFigure(
  picture: Float32Array,
  size: number,
  { figure, colour: ink, x, y, radius, angle }: Placed,
  onPixel?: (pixel: number) => void,
): void {
  const holds = FIGURES[figure];
  const [cos, sin] = [Math.cos(angle) / radius, Math.sin(angle) / radius];
  const range = (centre: number) =>
    [
      Math.max(0, Math.floor(centre - radius)),
      Math.min(size - 1, Math.ceil(centre + radius)),
    ] as const;
  const [[left, right], [top, bottom]] = [range(x), range(y)];
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      let inside = 0;
      for (let point = 0; point < POINTS * POINTS; point++) {
        const dx = column + ((point % POINTS) + 0.5) / POINTS - 0.5 - x;
        const dy = row + (Math.floor(point / POINTS) + 0.5) / POINTS - 0.5 - y;
        if (holds(cos * dx + sin * dy, cos * dy - sin * dx)) inside++;
      }
      if (inside === 0) continue;
      const [pixel, share] = [row * size + column, inside / (POINTS * POINTS)];
      for (let channel = 0; channel < CHANNELS; channel++) {
        const at = pixel * CHANNELS + channel;
        picture[at] = (picture[at] as number) * (1 - share) + (ink[channel] as number) * share;
      }
      if (share >= 0.5) onPixel?.(pixel);
    }
  }
}

/** As bytes, with grain; a random word serves four of them. */
export function developed(random: RandomStream, picture: Float32Array, bytes: Uint8Array): void {
  const grain = between(random, 4, 24);
  let word = 0;
  for (let at = 0; at < picture.length; at++) {
    word = at % 4 === 0 ? random.nextUint32() : word >>> 8;
    const value = (picture[at] as number) + grain * ((word & 0xff) / 255 - 0.5);
    bytes[at] = Math.max(0, Math.min(255, value));
  }
}
