/** Whether what `fit` was given are options of it. */
import { HoneError } from "../errors.js";
import { TRAIN_OPTIONS, type TrainOptions } from "./fit-options.js";
import { checkOptions, type Option } from "./options.js";
import { rateFunction } from "./rates.js";

/**
 * Checks options, and takes those of tfjs that mean the same here.
 * @param more options that the caller knows beside these
 * @throws BadArgument naming the option
 */
export async function trainOptions(
  where: string,
  given: unknown,
  more: Readonly<Record<string, Option>> = {},
): Promise<TrainOptions> {
  const own = taken(given);
  const known = { ...TRAIN_OPTIONS, ...more };
  const isStrange = Object.keys(own ?? {}).some((name) => !Object.hasOwn(known, name));
  const others = isStrange ? (await import("./fit-extras.js")).TFJS_FIT_OPTIONS : {};
  checkOptions(where, own, known, others);
  const options = (own ?? {}) as TrainOptions;
  if (options.learningRate !== undefined) await rateFunction(options.learningRate);
  if (options.checkpoints && typeof options.learningRate === "function") {
    const what =
      "the learning rate is a function, which no checkpoint can hold. Give a schedule: oneCycle, cosineDecay, piecewise …";
    throw new HoneError("BadArgument", "checkpoints", what);
  }
  return options;
}

/** `validationSplit` and `validationData` mean just what `validation` does. */
function taken(given: unknown): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  const { validationSplit, validationData, ...rest } = given as Record<string, unknown>;
  const named = [rest.validation, validationSplit, validationData].filter(
    (value) => value !== undefined && value !== null,
  );
  if (named.length > 1) {
    const what =
      "validation is given in several ways. Give one of `validation`, `validationSplit`, `validationData`";
    throw new HoneError("BadArgument", "fit", `${what}.`);
  }
  if (validationSplit === undefined && validationData === undefined) return given;
  return { ...rest, validation: named[0] };
}
