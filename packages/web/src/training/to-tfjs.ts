/** The trained model as tfjs's two files. Loads tfjs, and so comes only with the press of that button. */
import { encodeModel } from "@hone/core/io";
import { createModel } from "@hone/core/models";
import type { Weight } from "@hone/core/runtime";
import type { Settings } from "./settings.js";

/** @returns by file's name: `model.json`, and the weights that it names */
export function tfjsFiles({ model, seed }: Settings, weights: readonly Weight[]) {
  return encodeModel(createModel(model, { seed }), { values: weights.map(({ values }) => values) });
}
