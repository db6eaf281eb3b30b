/** Pictures in colours: `shapes`, one figure each to tell apart, and `scenes`, several to find pixel by pixel. */
import type { RandomStream } from "@hone/core";
import { isAnything, type Option } from "@hone/core/backend";
import type { DatasetPair } from "../official.js";
import {
  colourAgainst,
  developed,
  drawFigure,
  drawGround,
  FIGURES,
  type FigureName,
} from "./figures.js";
import { between, checkWhole, drawMade, knownMade, type MadeOptions, oneOf } from "./made-set.js";
import { MADE_STREAMS } from "./streams.js";

/** Options of `shapes`. */
export interface ShapesOptions extends MadeOptions {
  /** Height and width, from 16 to 512. Default 48, of scenes 64. */
  readonly size?: number | undefined;
}

const known: Readonly<Record<keyof ShapesOptions, Option>> = {
  ...knownMade,
  size: { is: isAnything, wanted: "a whole number" },
};

export const SHAPES = { train: 3000, test: 600, size: 48 } as const;
export const SCENES = { train: 1200, test: 300, size: 64 } as const;
export const SHAPE_NAMES = Object.keys(FIGURES) as readonly FigureName[];

/** Figures of a scene; class 0 is the ground. */
const SCENE_FIGURES: readonly FigureName[] = ["disc", "square", "triangle"];
export const SCENE_CLASSES: readonly string[] = ["ground", ...SCENE_FIGURES];

const SCALE = 1 / 255;

function placed(random: RandomStream, figure: FigureName, size: number, radius: number) {
  const centre = () => between(random, radius, size - 1 - radius);
  return { figure, x: centre(), y: centre(), radius, angle: between(random, -0.4, 0.4) };
}

/**
 * Draws the set: x uint8 [size, size, 3] with scale 1/255, one of eight figures on a ground; y uint8, which one it is.
 * @throws BadArgument for counts, a seed or a size out of range.
 */
export async function shapes(options: ShapesOptions = {}): Promise<DatasetPair> {
  const size = sizeOf("shapes", options, SHAPES.size);
  const made = {
    name: "shapes",
    stream: MADE_STREAMS.shapes,
    rows: SHAPES,
    x: { shape: [size, size, 3], scale: SCALE },
    y: { shape: [] },
    classNames: SHAPE_NAMES,
    draw: (random: RandomStream, x: ArrayLike<number>, y: { [at: number]: number }) => {
      const picture = new Float32Array(x.length);
      const ground = drawGround(random, picture, size);
      const label = random.nextInteger(SHAPE_NAMES.length);
      const radius = between(random, 0.2 * size, 0.42 * size);
      const where = placed(random, SHAPE_NAMES[label] as FigureName, size, radius);
      drawFigure(picture, size, { ...where, colour: colourAgainst(random, ground) });
      developed(random, picture, x as Uint8Array);
      y[0] = label;
    },
  };
  return drawMade(made, options, known);
}

/**
 * Draws the set: x uint8 [size, size, 3] with scale 1/255, two to four figures over one another; y uint8 [size, size],
 * the class of each pixel.
 * @throws BadArgument as `shapes`.
 */
export async function scenes(options: ShapesOptions = {}): Promise<DatasetPair> {
  const size = sizeOf("scenes", options, SCENES.size);
  const made = {
    name: "scenes",
    stream: MADE_STREAMS.scenes,
    rows: SCENES,
    x: { shape: [size, size, 3], scale: SCALE },
    y: { shape: [size, size] },
    classNames: SCENE_CLASSES,
    draw: (random: RandomStream, x: ArrayLike<number>, y: { [at: number]: number }) => {
      const picture = new Float32Array(x.length);
      const ground = drawGround(random, picture, size);
      for (let count = 2 + random.nextInteger(3); count > 0; count--) {
        const figure = oneOf(random, SCENE_FIGURES);
        const where = placed(random, figure, size, between(random, 0.1 * size, 0.26 * size));
        const label = SCENE_CLASSES.indexOf(figure);
        drawFigure(picture, size, { ...where, colour: colourAgainst(random, ground) }, (pixel) => {
          y[pixel] = label;
        });
      }
      developed(random, picture, x as Uint8Array);
    },
  };
  return drawMade(made, options, known);
}

function sizeOf(where: string, options: ShapesOptions, usual: number): number {
  const { size = usual } = (options ?? {}) as ShapesOptions;
  checkWhole(where, "size", size, 16, 512);
  return size;
}
