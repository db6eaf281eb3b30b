/** A tf.LayersModel becomes all that a session knows of it before it has a device. */

import type { CaptureOptions, ShapeChoice } from "./capture-options.js";
import { HoneError } from "./errors.js";
import { adam } from "./graph/optimizer.js";
import type { Shape } from "./graph/types.js";
import type { DeclaredInput } from "./run/rows.js";
import type { Captured } from "./run/session.js";
import { checkedSeed } from "./run/whole-number.js";
import { readCompiledSettings } from "./trace/compiled-settings.js";
import { type JudgingChoice, judgingOf } from "./trace/judging.js";
import { partsOf } from "./trace/late-parts.js";
import { withParts } from "./trace/on-demand.js";
import { optimizerOf } from "./trace/optimizer-of.js";
import { inputNamesOf, outputNamesOf } from "./trace/ports.js";
import type { LayersModelLike } from "./trace/tfjs-types.js";
import { checkIsModel, tracingModel } from "./trace/trace-model.js";
import { buildAsIs } from "./trace/trained-model.js";
import { type CapturedWeights, capturedWeights } from "./trace/weights.js";
import { atOnce, inPieces, type Pieces } from "./turns.js";

/** A model without a device. */
export interface CapturedModel extends Captured {
  /** Finds the weights again, in this model and in others built alike. */
  readonly variables: CapturedWeights;
}

/** The model's inputs as it declares them. */
export function declaredInputs(model: LayersModelLike): readonly DeclaredInput[] {
  if (model?.built === false && typeof model.build === "function") buildAsIs(model);
  const names = model?.inputs ? inputNamesOf(model) : [];
  return (model?.inputs ?? []).map(({ shape, dtype }, index) => ({
    name: names[index] as string,
    shape: shape.slice(1),
    dtype: dtype === "int32" ? "int32" : "float32",
  }));
}

/**
 * All that a session knows of a model before it has a device.
 * @param rowShapes of the data, by input; used where the model leaves extents free @throws as `compile`
 */
export function captureModel(
  model: LayersModelLike,
  options: CaptureOptions,
  rowShapes?: Readonly<Record<string, Shape>>,
): CapturedModel {
  return atOnce(capturing(model, options, rowShapes));
}

function* capturing(
  model: LayersModelLike,
  options: CaptureOptions,
  rowShapes?: Readonly<Record<string, Shape>>,
): Pieces<CapturedModel> {
  const optimizer =
    options.optimizer === undefined ? undefined : optimizerOf(options.optimizer, "compile");
  const seed = checkedSeed(options.seed ?? 0);
  const settings = readCompiledSettings(model, {
    optimizer: optimizer === undefined,
    loss: options.loss === undefined,
    metrics: options.metrics === undefined,
  });
  checkIsModel(model);
  if (model.built === false) buildAsIs(model);
  const [inputs, outputs] = [inputNamesOf(model), outputNamesOf(model)];
  const choice: JudgingChoice = {
    loss: options.loss ?? settings.loss,
    lossWeights: options.lossWeights,
    metrics: options.metrics ?? settings.metrics,
  };
  const judging = judgingOf(outputs, choice);
  const given = { ...byName("inputShape", options.inputShape, inputs), ...rowShapes };
  const traced = yield* tracingModel(model, {
    functions: judging.functions,
    labelShapes: byName("labelShape", options.labelShape, outputs),
    inputShapes: given,
  });
  yield;
  const variables = capturedWeights(model);
  return {
    traced,
    variables,
    weights: variables.readAll(),
    setup: {
      terms: judging.termsOf(traced),
      optimizer: optimizer ?? settings.optimizer ?? adam(),
      seed,
    },
  };
}

/** @throws BadArgument unless it is a shape for the only port, or a record of shapes by name */
function byName(
  what: string,
  given: ShapeChoice | undefined,
  names: readonly string[],
): Readonly<Record<string, Shape>> {
  if (given === undefined) return {};
  if (Array.isArray(given) && names.length === 1) {
    return { [names[0] as string]: checkedShape(what, given) };
  }
  const isRecord = typeof given === "object" && given !== null && !Array.isArray(given);
  const unknown = isRecord ? Object.keys(given).find((name) => !names.includes(name)) : "a list";
  if (isRecord && unknown === undefined) {
    return Object.fromEntries(
      Object.entries(given).map(([name, shape]) => [name, checkedShape(`${what} ${name}`, shape)]),
    );
  }
  const found = isRecord ? `names "${unknown}"` : "is one shape for several";
  throw new HoneError(
    "BadArgument",
    what,
    `it ${found}, where there are ${names.join(", ")}. Give a record of shapes by those names.`,
  );
}

/** @throws BadArgument for what is no list of extents */
function checkedShape(what: string, given: unknown): Shape {
  const isExtent = (extent: unknown) => Number.isSafeInteger(extent) && (extent as number) > 0;
  if (Array.isArray(given) && given.every(isExtent)) return given as Shape;
  const text = `it is ${JSON.stringify(given)}. Give the extents of one row, whole numbers above 0.`;
  throw new HoneError("BadArgument", what, text);
}

/**
 * `captureModel` in pieces that keep a page awake, with what few models need loaded where this one does.
 * @throws as `captureModel`
 */
export async function captureWhole(
  model: LayersModelLike,
  options: CaptureOptions,
): Promise<CapturedModel> {
  return withParts(partsOf(model), () => inPieces(capturing(model, options)));
}
