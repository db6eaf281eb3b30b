/** Whether what is said to be a checkpoint is one: it may come from a file, or from another release. */
import { HoneError } from "../errors.js";
import { valueText } from "../value-text.js";
import { CHECKPOINT_FORMAT, type Checkpoint } from "./checkpoint.js";
import {
  COMMON_RULES,
  isCount,
  isNumber,
  isPlain,
  isStep,
  isText,
  listOf,
  type Rule,
  type Rules,
  recordOf,
  SESSION_RULES,
  shaped,
  wrongField,
} from "./state-rules.js";

const isWhole: Rule = (value) => Number.isSafeInteger(value);
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
  threads: { is: isNumber, mayLack: true },
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

const RULES: Readonly<Record<Checkpoint["kind"], Rules>> = {
  session: { ...SESSION_RULES, training: { is: training, mayLack: true } },
  program: {
    ...COMMON_RULES,
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
