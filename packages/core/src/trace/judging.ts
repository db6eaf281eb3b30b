/**
 * What `compile` is told of losses and metrics, in all the forms people give it, becomes terms.
 *
 * Functions must be traced with the model, and only the trace knows the shapes that names depend on: so the choices
 * are sorted by output first, and become terms afterwards.
 */
import { HoneError } from "../errors.js";
import { LOSS_NAMES, labelKind, lossOf, type NamedLoss } from "../graph/losses/index.js";
import { metricOf, type NamedMetric } from "../graph/metrics/index.js";
import type { PortInfo, TracedModel } from "../graph/template.js";
import type { Term, TermMetric, TracedFunction } from "../graph/terms.js";
import { contentText } from "../value-text.js";
import type { LossFunctionLike, WholeLossFunctionLike } from "./tfjs-types.js";
import type { JudgeFunction } from "./trace-functions.js";

const WHOLE = Symbol.for("hone.whole-loss");

/** A loss that takes all outputs of a model together; made by `wholeLoss`. */
export interface WholeLoss {
  readonly [WHOLE]: WholeLossFunctionLike;
}

/**
 * A loss of all outputs of a model together, as a VAE's is: `wholeLoss((labels, outputs, inputs) => …)`, each a record
 * of tensors [batch, …row] by name, gives one number per row or a scalar. Labels it does not read need not be in the
 * data. It takes no weights of rows or classes.
 * @throws BadArgument for what is no function
 */
export function wholeLoss(call: WholeLossFunctionLike): WholeLoss {
  if (typeof call === "function") return { [WHOLE]: call };
  throw new HoneError("BadArgument", "wholeLoss", `it is ${textOf(call)}. Give a function.`);
}

/**
 * A loss: its name (tfjs's names and aliases), a name with options (`{ name: "huber", delta: 2 }`), or a tfjs function of
 * labels and predictions, each [batch, …row], that gives one number per row, or for all, or for each element.
 */
export type Loss = string | NamedLoss | LossFunctionLike;
/** One loss for every output, or one for each in the model's order or by name; or one for all of them together. */
export type LossChoice = Loss | readonly Loss[] | Readonly<Record<string, Loss>> | WholeLoss;
/**
 * A metric: its name, a name with options (`{ name: "precision", threshold: 0.5 }`), or a tfjs function of labels and
 * predictions, of whose result the mean is taken.
 */
export type Metric = string | NamedMetric | LossFunctionLike;
/** Metrics of every output, or by output. */
export type MetricChoice =
  | Metric
  | readonly Metric[]
  | Readonly<Record<string, Metric | readonly Metric[]>>;

export interface JudgingChoice {
  readonly loss?: LossChoice | undefined;
  /** Weights of the outputs' losses, in the model's order or by name; 1 unless given. */
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>> | undefined;
  /** Unless given, accuracy for outputs whose loss takes classes. */
  readonly metrics?: MetricChoice | undefined;
}

interface OutputChoice {
  readonly output: string;
  readonly loss: NamedLoss | TracedFunction | undefined;
  readonly weight: number;
  readonly metrics: readonly (
    | { readonly given: string | NamedMetric }
    | { readonly traced: number; readonly label: string }
  )[];
}

/** Choices sorted by output. */
export interface Judging {
  /** To be traced with the model. */
  readonly functions: readonly JudgeFunction[];
  /** @throws BadArgument, when the model's outputs do not go with what was chosen */
  termsOf(traced: Pick<TracedModel, "outputs" | "inference">): readonly Term[];
}

/** @throws BadArgument naming what is not known */
export function judgingOf(outputs: readonly string[], choice: JudgingChoice): Judging {
  const functions: JudgeFunction[] = [];
  const trace = (judge: JudgeFunction): TracedFunction => ({ traced: functions.push(judge) - 1 });
  const { loss } = choice;
  const whole = isWholeLoss(loss) ? loss[WHOLE] : undefined;
  const wholeTerm: Term | undefined = whole && {
    output: undefined,
    loss: trace({ what: "loss function", output: undefined, call: whole }),
    weight: 1,
    metrics: [],
  };
  const losses = whole
    ? outputs.map(() => undefined)
    : lossesByOutput(outputs, loss as Exclude<LossChoice, WholeLoss>);
  const metrics = metricsByOutput(outputs, choice.metrics);
  const weights = weightsByOutput(outputs, choice.lossWeights);
  const choices = outputs.map((output, index): OutputChoice => {
    const given = losses[index];
    const what = outputs.length > 1 ? `loss function of "${output}"` : "loss function";
    const named = typeof given === "function" ? undefined : given;
    const ofClasses = named !== undefined && labelKind(named) === "class-index";
    return {
      output,
      loss: typeof given === "function" ? trace({ what, output, call: given }) : given,
      weight: weights[index] as number,
      metrics: (metrics?.[index] ?? []).map((metric) => {
        if (typeof metric !== "function") return { given: metric };
        const label = metric.name || "metric";
        const judge = { what: `metric "${label}"`, output, call: metric, ofClasses };
        return { ...trace(judge), label };
      }),
    };
  });
  return {
    functions,
    termsOf: (traced) => {
      const terms = choices.map((one, index) =>
        termOf(one, traced.outputs[index] as PortInfo, {
          several: outputs.length > 1,
          byDefault: metrics === undefined,
          whole: wholeTerm !== undefined,
          traced,
        }),
      );
      const judged = wholeTerm ? [wholeTerm, ...terms] : terms;
      if (!judged.some((term) => term.loss !== undefined)) {
        throw new HoneError(
          "BadArgument",
          "compile",
          `the model does not end in softmax, so its loss must be said. Give \`loss\`: ${LOSS_NAMES.join(", ")}, or a function.`,
        );
      }
      return judged.filter((term) => term.loss !== undefined || term.metrics.length > 0);
    },
  };
}

function termOf(
  { output, loss: given, weight, metrics }: OutputChoice,
  port: PortInfo,
  context: {
    readonly several: boolean;
    readonly byDefault: boolean;
    /** A loss takes all outputs together: none of them gets one of its own. */
    readonly whole: boolean;
    readonly traced: Pick<TracedModel, "outputs" | "inference">;
  },
): Term {
  const { several, byDefault, whole, traced } = context;
  const softmax = !several && given === undefined && !whole && endsInSoftmax(traced, output);
  const loss = given ?? (softmax ? lossOf("sparseCategoricalCrossentropy") : undefined);
  const named = loss !== undefined && !("traced" in loss) ? loss : undefined;
  const prefix = several ? `${output}_` : "";
  const metric = (one: string | NamedMetric): TermMetric => {
    const found = metricOf(one, port.shape, named);
    if (found) return { ...found, label: `${prefix}${found.label}` };
    throw new HoneError(
      "BadArgument",
      "compile",
      `there is no metric ${textOf(one)}. Give the name of a metric or loss of tfjs, or a function of labels and predictions.`,
    );
  };
  const classes =
    named !== undefined && ["class-index", "one-hot", "binary"].includes(labelKind(named));
  const chosen = byDefault
    ? classes
      ? [metric("acc")]
      : []
    : metrics.map((one) =>
        "given" in one
          ? metric(one.given)
          : { label: `${prefix}${one.label}`, metric: { traced: one.traced } },
      );
  return { output, loss, weight, metrics: unique(chosen) };
}

/** tfjs tells metrics of one name apart by numbers: `acc_0`, `acc_1`. */
function unique(metrics: readonly TermMetric[]): TermMetric[] {
  return metrics.map((metric, index) => {
    const alike = (some: readonly TermMetric[]) =>
      some.filter(({ label }) => label === metric.label).length;
    if (alike(metrics) === 1) return metric;
    return { ...metric, label: `${metric.label}_${alike(metrics.slice(0, index))}` };
  });
}

function endsInSoftmax({ inference }: Pick<TracedModel, "inference">, output: string): boolean {
  const { graph, outputs } = inference.two;
  const tensor = outputs.find(({ name }) => name === output)?.tensor as number;
  return graph.nodes.some((node) => node.op === "Softmax" && node.outputs.includes(tensor));
}

export function isWholeLoss(given: unknown): given is WholeLoss {
  return typeof given === "object" && given !== null && WHOLE in given;
}

type Named = NamedLoss | LossFunctionLike;

function oneLoss(given: unknown, where: string): Named {
  if (typeof given === "function") return given as LossFunctionLike;
  const named = lossOf(given);
  if (named) return named;
  throw new HoneError(
    "BadArgument",
    "compile",
    `there is no loss ${textOf(given)}${where}. Choose from ${LOSS_NAMES.join(", ")}, or give a function.`,
  );
}

function lossesByOutput(
  outputs: readonly string[],
  given: Exclude<LossChoice, WholeLoss> | undefined,
): readonly (Named | undefined)[] {
  if (given === undefined) return outputs.map(() => undefined);
  if (typeof given === "string" || typeof given === "function") {
    const loss = oneLoss(given, "");
    return outputs.map(() => loss);
  }
  if (Array.isArray(given)) {
    const list = given as readonly unknown[];
    if (list.length !== outputs.length) wrongCount("losses", list.length, outputs);
    return list.map((one, index) => oneLoss(one, ` for "${outputs[index]}"`));
  }
  if (typeof given !== "object" || given === null) oneLoss(given, "");
  if ("name" in given && !outputs.includes("name")) {
    const loss = oneLoss(given, "");
    return outputs.map(() => loss);
  }
  const record = given as Readonly<Record<string, unknown>>;
  checkNames("loss", record, outputs);
  return outputs.map((output) =>
    record[output] === undefined ? undefined : oneLoss(record[output], ` for "${output}"`),
  );
}

function metricsByOutput(
  outputs: readonly string[],
  given: MetricChoice | undefined,
): readonly (readonly Metric[])[] | undefined {
  if (given === undefined || given === null) return undefined;
  const isOne = (one: unknown): one is Metric =>
    typeof one === "string" ||
    typeof one === "function" ||
    (typeof one === "object" && one !== null && "name" in one && !outputs.includes("name"));
  const listOf = (some: unknown): readonly Metric[] => {
    const list = Array.isArray(some) ? (some as unknown[]) : [some];
    for (const one of list) {
      if (isOne(one)) continue;
      throw new HoneError(
        "BadArgument",
        "compile",
        `there is no metric ${textOf(one)}. Give the name of a metric or loss of tfjs, or a function of labels and predictions.`,
      );
    }
    return list as readonly Metric[];
  };
  if (isOne(given) || Array.isArray(given) || typeof given !== "object") {
    const list = listOf(given);
    return outputs.map(() => list);
  }
  const record = given as Readonly<Record<string, unknown>>;
  checkNames("metrics", record, outputs);
  return outputs.map((output) => (record[output] === undefined ? [] : listOf(record[output])));
}

function weightsByOutput(
  outputs: readonly string[],
  given: JudgingChoice["lossWeights"],
): readonly number[] {
  if (given === undefined) return outputs.map(() => 1);
  if (typeof given !== "object" || given === null) {
    throw new HoneError(
      "BadArgument",
      "lossWeights",
      `it is ${textOf(given)}. Give a list, or a record by output.`,
    );
  }
  const list = Array.isArray(given) ? (given as readonly number[]) : undefined;
  if (list && list.length !== outputs.length) wrongCount("lossWeights", list.length, outputs);
  if (!list) checkNames("lossWeights", given as Readonly<Record<string, unknown>>, outputs);
  return outputs.map((output, index) => {
    const weight = list ? list[index] : ((given as Record<string, number>)[output] ?? 1);
    if (typeof weight === "number" && Number.isFinite(weight)) return weight;
    throw new HoneError(
      "BadArgument",
      "lossWeights",
      `that of "${output}" is ${textOf(weight)}. Give a finite number.`,
    );
  });
}

function checkNames(
  what: string,
  record: Readonly<Record<string, unknown>>,
  outputs: readonly string[],
): void {
  const unknown = Object.keys(record).find((name) => !outputs.includes(name));
  if (unknown === undefined) return;
  throw new HoneError(
    "BadArgument",
    "compile",
    `\`${what}\` names "${unknown}", the model's outputs are ${outputs.join(", ")}. Name one of those.`,
  );
}

function wrongCount(what: string, count: number, outputs: readonly string[]): never {
  throw new HoneError(
    "BadArgument",
    "compile",
    `${count} ${what} are given, the model has ${outputs.length} outputs (${outputs.join(", ")}). Give one for each.`,
  );
}

/** A loss or metric by its name, anything else by what it has. */
function textOf(given: unknown): string {
  const { name } = (given ?? {}) as { readonly name?: unknown };
  return typeof given === "object" && typeof name === "string" ? `"${name}"` : contentText(given);
}
