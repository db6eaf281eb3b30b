/** What the fields of a checkpoint must be: it may come from a file, or from another release. */
import { sizeOf } from "../graph/geometry.js";
import { CHECKPOINT_FORMAT } from "./checkpoint.js";

export type Rule = (value: unknown) => boolean;
export type Rules = Readonly<Record<string, { readonly is: Rule; readonly mayLack?: boolean }>>;

export const isText: Rule = (value) => typeof value === "string" && value.length < 10_000;
export const isNumber: Rule = (value) => typeof value === "number";
export const isCount: Rule = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
/** Devices count steps in 32 bits, a sign among them. */
export const isStep: Rule = (value) => isCount(value) && (value as number) < 2 ** 31;
export const isWord: Rule = (value) => isCount(value) && (value as number) < 2 ** 32;

export const recordOf =
  (rule: Rule): Rule =>
  (value) =>
    isPlain(value) && Object.values(value).every(rule);
export const listOf =
  (rule: Rule): Rule =>
  (value) =>
    Array.isArray(value) && value.every(rule);
export const shaped =
  (rules: Rules): Rule =>
  (value) =>
    isPlain(value) && wrongField(value, rules) === undefined;

export function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value)
  );
}

/** The first field that is lacking, not what it may be, or not known. */
export function wrongField(
  value: Readonly<Record<string, unknown>>,
  rules: Rules,
): string | undefined {
  for (const [name, { is, mayLack = false }] of Object.entries(rules)) {
    const field = Object.hasOwn(value, name) ? value[name] : undefined;
    if (field === undefined ? !mayLack : !is(field)) return name;
  }
  return Object.keys(value).find((name) => !Object.hasOwn(rules, name));
}

const isTensor: Rule = (value) => {
  if (!isPlain(value)) return false;
  const { shape, data, ...more } = value;
  if (Object.keys(more).length > 0 || !listOf(isCount)(shape)) return false;
  const isFloats = data instanceof Float32Array || data instanceof Float64Array;
  return isFloats && data.length === sizeOf(shape as readonly number[]);
};

/** Of every checkpoint. */
export const COMMON_RULES: Rules = {
  format: { is: (value) => value === CHECKPOINT_FORMAT },
  kind: { is: isText },
  structure: { is: isText },
  numerics: { is: isText },
  seed: { is: isWord },
  labels: { is: recordOf(isText) },
  tensors: { is: recordOf(isTensor) },
};

/** Of a session's checkpoint; the training in it has rules of its own. */
export const SESSION_RULES: Rules = {
  ...COMMON_RULES,
  optimizer: { is: isPlain },
  step: { is: isStep },
  epochs: { is: isStep },
  predictionSteps: { is: isStep },
  scales: { is: recordOf(shaped({ scale: { is: isNumber }, offset: { is: isNumber } })) },
};
