/** Search spaces: what a trial's settings may be, as data from a file; and the published ones. */
import { HoneError } from "@hone/core";
import { nearest } from "../arguments.js";
import { shortJson } from "../short-json.js";

export const tunedModels = ["cnn", "mlp"] as const;
export type TunedModel = (typeof tunedModels)[number];

/** A number, or the units of two layers. */
export type ParameterValue = number | readonly [number, number];

export interface ParameterRange {
  readonly from: number;
  readonly to: number;
  readonly scale: "linear" | "log";
}

/** Every setting a trial has of the space, in the space's order. */
export type Configuration = Readonly<Record<string, ParameterValue>>;

export interface SearchSpace {
  readonly model: TunedModel;
  /** Choices, or a range to draw from. In a grid the last parameter turns fastest. */
  readonly parameters: Readonly<Record<string, readonly ParameterValue[] | ParameterRange>>;
}

interface ParameterKind {
  /** As a person reads it. */
  readonly label: string;
  readonly least: number;
  readonly most: number;
  /** The bound that is not itself allowed. */
  readonly open?: "least" | "most";
  readonly whole?: boolean;
  readonly pair?: boolean;
}

const training: Readonly<Record<string, ParameterKind>> = {
  learningRate: { label: "learning rate", least: 0, most: 1e30, open: "least" },
  batchSize: { label: "batch size", least: 1, most: 65_536, whole: true },
};
const dropout: ParameterKind = { label: "dropout", least: 0, most: 1, open: "most" };

/** What each model lets a space turn. */
const parameterKinds: Readonly<Record<TunedModel, Readonly<Record<string, ParameterKind>>>> = {
  cnn: {
    filters: { label: "filters", least: 1, most: 1024, whole: true },
    // Two such convolutions, each with a pool behind it, still leave a pixel of 28.
    kernelSize: { label: "kernel size", least: 1, most: 9, whole: true },
    dropout,
    ...training,
  },
  mlp: {
    units: { label: "units", least: 1, most: 8192, whole: true, pair: true },
    dropout,
    ...training,
  },
};

/** The published study's spaces: 16 points and 8. */
export const publishedSpaces: Readonly<Record<TunedModel, SearchSpace>> = {
  cnn: {
    model: "cnn",
    parameters: {
      filters: [32, 64],
      kernelSize: [3, 5],
      dropout: [0, 0.5],
      learningRate: [1e-3, 1e-4],
    },
  },
  mlp: {
    model: "mlp",
    parameters: {
      units: [
        [128, 64],
        [256, 128],
      ],
      dropout: [0.5, 0.3],
      learningRate: [1e-3, 1e-4],
    },
  },
};

export function isRange(
  parameter: readonly ParameterValue[] | ParameterRange,
): parameter is ParameterRange {
  return !Array.isArray(parameter);
}

/** Names of the parameters that are ranges. */
export function rangesOf({ parameters }: SearchSpace): readonly string[] {
  return Object.keys(parameters).filter((name) => isRange(parameters[name]!));
}

/** True for a parameter that takes whole numbers only. */
export function isWhole({ model }: SearchSpace, name: string): boolean {
  return parameterKinds[model][name]?.whole === true;
}

/**
 * A search space from the text of a file.
 * @param where the file, for errors
 * @throws BadArgument naming the file, the parameter and what would be right
 */
export function readSpace(text: string, where: string): SearchSpace {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message;
    throw bad(where, `it is not JSON: ${reason}. Give {"model": …, "parameters": {…}}`);
  }
  if (!isRecord(json)) {
    throw bad(where, `it holds ${kindOf(json)}. Give {"model": …, "parameters": {…}}`);
  }
  const stranger = Object.keys(json).find((key) => key !== "model" && key !== "parameters");
  if (stranger !== undefined) {
    throw bad(where, `it has a field "${stranger}". Only "model" and "parameters" are known`);
  }
  const model = tunedModels.find((name) => name === json.model);
  if (model === undefined) {
    const given = json.model === undefined ? "is missing" : `is ${shortJson(json.model)}`;
    throw bad(
      where,
      `"model" ${given}. Give ${tunedModels.map((name) => `"${name}"`).join(" or ")}`,
    );
  }
  if (!isRecord(json.parameters) || Object.keys(json.parameters).length === 0) {
    const given = isRecord(json.parameters) ? "is empty" : `is ${kindOf(json.parameters)}`;
    const known = Object.keys(parameterKinds[model]).join(", ");
    throw bad(where, `"parameters" ${given}. Give an object with some of ${known}`);
  }
  const parameters = Object.entries(json.parameters).map(
    ([name, value]) => [name, readParameter(model, name, value, where)] as const,
  );
  return { model, parameters: Object.fromEntries(parameters) };
}

function readParameter(
  model: TunedModel,
  name: string,
  given: unknown,
  where: string,
): readonly ParameterValue[] | ParameterRange {
  const kinds = parameterKinds[model];
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === undefined) {
    const near = nearest(name, Object.keys(kinds));
    const suggestion = near === undefined ? "" : ` Did you mean "${near}"?`;
    throw bad(
      where,
      `${model} has no parameter "${name}".${suggestion} Known are ${Object.keys(kinds).join(", ")}`,
    );
  }
  if (isRecord(given)) return readRange(kind, name, given, where);
  if (!Array.isArray(given) || given.length === 0) {
    const what = Array.isArray(given) ? "an empty list" : kindOf(given);
    throw bad(where, `"${name}" is ${what}. Give a list of choices, or {"from": …, "to": …}`);
  }
  const seen = new Set<string>();
  for (const value of given) {
    if (!isValue(kind, value)) {
      throw bad(where, `"${name}" holds ${shortJson(value)}. Give ${describe(kind)}`);
    }
    const key = JSON.stringify(value);
    if (seen.has(key))
      throw bad(where, `"${name}" holds ${shortJson(value)} twice. Give each choice once`);
    seen.add(key);
  }
  return given as readonly ParameterValue[];
}

function readRange(
  kind: ParameterKind,
  name: string,
  given: Readonly<Record<string, unknown>>,
  where: string,
): ParameterRange {
  if (kind.pair) {
    throw bad(where, `"${name}" is a range. It takes a list of pairs, such as [[128, 64]]`);
  }
  const stranger = Object.keys(given).find((key) => !["from", "to", "scale"].includes(key));
  if (stranger !== undefined) {
    throw bad(where, `"${name}" has a field "${stranger}". A range has "from", "to" and "scale"`);
  }
  const { from, to, scale = "linear" } = given;
  for (const [end, value] of Object.entries({ from, to })) {
    if (!isValue(kind, value)) {
      const what = value === undefined ? "is missing" : `is ${shortJson(value)}`;
      throw bad(where, `"${end}" of "${name}" ${what}. Give ${describe(kind)}`);
    }
  }
  const [least, most] = [from as number, to as number];
  if (least >= most) {
    throw bad(where, `"${name}" goes from ${least} to ${most}. Give a larger "to" than "from"`);
  }
  if (scale !== "linear" && scale !== "log") {
    const what = shortJson(scale);
    throw bad(where, `"scale" of "${name}" is ${what}. Give "linear" or "log"`);
  }
  if (scale === "log" && least <= 0) {
    throw bad(where, `"${name}" goes from ${least} on a log scale. Give a "from" above 0`);
  }
  return { from: least, to: most, scale };
}

function isValue(kind: ParameterKind, value: unknown): boolean {
  if (kind.pair) {
    const { pair: _, ...single } = kind;
    return (
      Array.isArray(value) && value.length === 2 && value.every((part) => isValue(single, part))
    );
  }
  const { least, most, open, whole } = kind;
  return (
    typeof value === "number" &&
    (open === "least" ? value > least : value >= least) &&
    (open === "most" ? value < most : value <= most) &&
    (whole !== true || Number.isSafeInteger(value))
  );
}

function describe({ least, most, open, whole, pair }: ParameterKind): string {
  const from = open === "least" ? `above ${least}` : `from ${least}`;
  const to = open === "most" ? `to below ${most}` : `to ${most}`;
  if (pair) return `pairs of whole numbers ${from} ${to}, such as [128, 64]`;
  return `${whole ? "whole numbers" : "numbers"} ${from} ${to}`;
}

/** `128-64` for units, a plain number else. */
export function valueText(value: ParameterValue): string {
  return typeof value === "number" ? `${value}` : value.join("-");
}

/** `kernel size` for `kernelSize`. */
export function parameterLabel(name: string): string {
  return parameterKinds.cnn[name]?.label ?? parameterKinds.mlp[name]?.label ?? name;
}

/** `filters 32, kernel size 3`. */
export function configurationText(configuration: Configuration): string {
  return Object.entries(configuration)
    .map(([name, value]) => `${parameterLabel(name)} ${valueText(value)}`)
    .join(", ");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function bad(where: string, what: string): HoneError {
  return new HoneError("BadArgument", where, `${what}.`);
}
