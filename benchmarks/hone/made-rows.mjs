/** Rows of random numbers for models whose pace is compared, and not what they learn: `made-models.json` says of what shape. */
import { RandomStream } from "@hone/core/data";
import { dataset } from "@hone/data";
import models from "../made-models.json" with { type: "json" };

/** How a model's rows are made, and in batches of how many it trains; undefined for a model that learns from pictures kept. */
export const madeModel = (name) => models[name];

/** @returns a data set of words or pictures and their labels, of one class for each row or pixel */
export function madeRows({ shape, words, classes, labels }, rows, seed) {
  const random = new RandomStream(seed, 1);
  const count = (each) => rows * each.reduce((product, extent) => product * extent, 1);
  const fill = (array, below) => array.map(() => random.nextInteger(below));
  const places = labels === "pixels" ? shape.slice(0, 2) : [];
  return dataset({
    x:
      words === undefined
        ? { data: fill(new Uint8Array(count(shape)), 256), shape: [rows, ...shape], scale: 1 / 255 }
        : { data: fill(new Int32Array(count(shape)), words), shape: [rows, ...shape] },
    y: { data: fill(new Uint8Array(count(places)), classes), shape: [rows, ...places] },
  });
}
