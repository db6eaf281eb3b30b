/** Whether what is said to be a checkpoint is one: it may come from a file, or from another release. */
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import { valueText } from "../value-text.js";
import { CHECKPOINT_FORMAT, type Checkpoint } from "./checkpoint.js";

type Rule = (value: unknown) => boolean;
type Rules = Readonly<Record<string, { readonly is: Rule; readonly mayLack?: boolean }>>;

const isText: Rule = (value) => typeof value === "string" && value.length < 10_000;
const isNumber: Rule = (value) => typeof value === "number";
const isCount: Rule = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
/** Devices count steps in 32 bits, a sign among them. */
const isStep: Rule = (value) => isCount(value) && (value as number) < 2 ** 31;
const isWord: Rule = (value) => isCount(value) && (value as number) < 2 ** 32;
const isWhole: Rule = (value) => Number.isSafeInteger(value);

const recordOf =
  (rule: Rule): Rule =>
  (value) =>
    isPlain(value) && Object.values(value).every(rule);
const listOf =
  (rule: Rule): Rule =>
  (value) =>
    Array.isArray(value) && value.every(rule);
const shaped =
  (rules: Rules): Rule =>
  (value) =>
    isPlain(value) && wrongField(value, rules) === undefined;

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value)
  );
}

function wrongField(value: Readonly<Record<string, unknown>>, rules: Rules): string | undefined {
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

const figures = recordOf(isNumber);
const epochEnd = shaped({
  kind: { is: (value) => value === "epoch-end" },
  epoch: { is: isCount },
  epochs: { is: isCount },
  figures: { is: figures },
  loss: { is: isNumber },
  accuracy: { is: isNumber },
  validationLoss: { is: isNumber, mayLack: true },
  validationAccuracy: { is: isNumber, mayLack: true },
  rows: { is: isCount },
  seconds: { is: isNumber },
  imagesPerSecond: { is: isNumber },
  stopped: { is: shaped({ reason: { is: isText }, bestEpoch: { is: isCount } }), mayLack: true },
});
const rows = { is: isCount };
const content = { is: isWhole };

const training = shaped({
  options: { is: isPlain },
  on: {
    is: shaped({
      kind: { is: (value) => value === "dataset" || value === "stream" },
      rows: { ...rows, mayLack: true },
      content: { ...content, mayLack: true },
      validation: { is: shaped({ rows, content }), mayLack: true },
    }),
  },
  firstStep: { is: isStep },
  epoch: { is: (value) => isStep(value) && (value as number) > 0 },
  before: {
    is: shaped({
      steps: { is: isStep },
      rows,
      passes: { is: isStep },
      allPasses: { is: isStep },
    }),
  },
  pass: {
    is: shaped({ order: { is: isStep }, firstStep: { is: isStep }, step: { is: isStep } }),
    mayLack: true,
  },
  sumsRows: { is: isCount, mayLack: true },
  epochMs: { is: isNumber },
  ended: { is: listOf(epochEnd) },
  stopping: { is: shaped({ best: { is: isNumber }, bestEpoch: { is: isCount } }), mayLack: true },
});

const common: Rules = {
  format: { is: (value) => value === CHECKPOINT_FORMAT },
  kind: { is: isText },
  structure: { is: isText },
  numerics: { is: isText },
  seed: { is: isWord },
  labels: { is: recordOf(isText) },
  tensors: { is: recordOf(isTensor) },
};

const RULES: Readonly<Record<Checkpoint["kind"], Rules>> = {
  session: {
    ...common,
    optimizer: { is: isPlain },
    step: { is: isStep },
    epochs: { is: isStep },
    predictionSteps: { is: isStep },
    scales: { is: recordOf(shaped({ scale: { is: isNumber }, offset: { is: isNumber } })) },
    training: { is: training, mayLack: true },
  },
  program: {
    ...common,
    functions: {
      is: recordOf(
        shaped({
          step: { is: isStep },
          passes: { is: isStep },
          pass: {
            is: shaped({ rows, content, batchSize: { is: isCount }, firstStep: { is: isStep } }),
            mayLack: true,
          },
        }),
      ),
    },
  },
};

/**
 * The checkpoint, if it is one of that kind, all of its fields as they must be.
 * @throws BadArgument naming the field; for one of another format its number
 */
export function checkedCheckpoint<Kind extends Checkpoint["kind"]>(
  given: unknown,
  kind: Kind,
): Extract<Checkpoint, { readonly kind: Kind }> {
  const refuse = (what: string): never => {
    throw new HoneError("BadArgument", "resume", what);
  };
  if (!isPlain(given))
    return refuse(`${valueText(given)} is no checkpoint. Give what \`checkpoint()\` gave.`);
  if (given.format !== CHECKPOINT_FORMAT) {
    return refuse(
      `the checkpoint has format ${valueText(given.format)}, and this release reads ${CHECKPOINT_FORMAT}. Use the release that wrote it.`,
    );
  }
  if (given.kind !== kind) {
    return refuse(
      `it is the checkpoint of a ${valueText(given.kind)}, not of a ${kind}. Give it to ${given.kind === "program" ? "`program`" : "`compile`"}.`,
    );
  }
  const wrong = wrongField(given, RULES[kind]);
  if (wrong === undefined) return given as never;
  return refuse(`its field "${wrong}" is not what it should be. It is damaged: take another one.`);
}
