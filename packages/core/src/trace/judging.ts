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
  /** Undefined for those that go with the loss. */
  readonly metrics:
    | readonly (
        | { readonly given: string | NamedMetric }
        | { readonly traced: number; readonly label: string }
      )[]
    | undefined;
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
  const several = outputs.length > 1;
  const whole = isWholeLoss(choice.loss) ? choice.loss[WHOLE] : undefined;
  const wholeTerm: Term | undefined = whole && {
    output: undefined,
    loss: trace({ what: "loss function", output: undefined, call: whole }),
    weight: 1,
    metrics: [],
  };
  const losses = lossesByOutput(outputs, isWholeLoss(choice.loss) ? undefined : choice.loss);
  const metrics = metricsByOutput(outputs, choice.metrics);
  const weights = weightsByOutput(outputs, choice.lossWeights);
  const choices = outputs.map((output, index): OutputChoice => {
    const given = losses[index];
    const isFunction = typeof given === "function";
    const what = several ? `loss function of "${output}"` : "loss function";
    const ofClasses = given !== undefined && !isFunction && labelKind(given) === "class-index";
    return {
      output,
      loss: isFunction ? trace({ what, output, call: given }) : given,
      weight: weights[index] as number,
      metrics: metrics?.[index]?.map((metric) => {
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
      const isSoftmax = (output: string) =>
        !several && whole === undefined && endsInSoftmax(traced, output);
      const terms = choices.map((one, index) =>
        termOf(one, traced.outputs[index] as PortInfo, several, isSoftmax),
      );
      const judged = wholeTerm ? [wholeTerm, ...terms] : terms;
      if (judged.some((term) => term.loss !== undefined)) {
        return judged.filter((term) => term.loss !== undefined || term.metrics.length > 0);
      }
      return refuse(
        `the model does not end in softmax, so its loss must be said. Give \`loss\`: ${LOSS_NAMES.join(", ")}, or a function.`,
      );
    },
  };
}

function termOf(
  { output, loss: given, weight, metrics }: OutputChoice,
  port: PortInfo,
  several: boolean,
  isSoftmax: (output: string) => boolean,
): Term {
  const softmax = given === undefined && isSoftmax(output);
  const loss = given ?? (softmax ? lossOf("sparseCategoricalCrossentropy") : undefined);
  const named = loss !== undefined && !("traced" in loss) ? loss : undefined;
  const ofClasses =
    named !== undefined && ["class-index", "one-hot", "binary"].includes(labelKind(named));
  const chosen = metrics ?? (ofClasses ? [{ given: "acc" }] : []);
  const judged = chosen.map((one): TermMetric => {
    const found =
      "given" in one
        ? (metricOf(one.given, port.shape, named) ?? noMetric(one.given))
        : { label: one.label, metric: { traced: one.traced } };
    return several ? { ...found, label: `${output}_${found.label}` } : found;
  });
  return { output, loss, weight, metrics: unique(judged) };
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

function lossesByOutput(
  outputs: readonly string[],
  given: Exclude<LossChoice, WholeLoss> | undefined,
): readonly (Named | undefined)[] {
  const isList = Array.isArray(given);
  const found = byOutput("loss", outputs, given, (one) => isOne(one, outputs));
  return found.map((one, index) => {
    if (typeof one === "function") return one as LossFunctionLike;
    if (one === undefined && !isList) return undefined;
    const where = found.length > 1 ? ` for "${outputs[index]}"` : "";
    const choices = `Choose from ${LOSS_NAMES.join(", ")}, or give a function.`;
    return lossOf(one) ?? refuse(`there is no loss ${textOf(one)}${where}. ${choices}`);
  });
}

function metricsByOutput(
  outputs: readonly string[],
  given: MetricChoice | undefined,
): readonly (readonly Metric[])[] | undefined {
  if (given === undefined || given === null) return undefined;
  const isForAll = (one: unknown) => Array.isArray(one) || isOne(one, outputs);
  return byOutput("metrics", outputs, given, isForAll).map((some) => {
    const list: readonly unknown[] = some === undefined ? [] : [some].flat();
    const isMetric = (one: unknown) =>
      isOne(one, outputs) && ["string", "function", "object"].includes(typeof one) && one !== null;
    for (const one of list) if (!isMetric(one)) noMetric(one);
    return list as readonly Metric[];
  });
}

function weightsByOutput(
  outputs: readonly string[],
  given: JudgingChoice["lossWeights"],
): readonly number[] {
  const otherwise = Array.isArray(given) ? undefined : 1;
  if (given !== undefined && (typeof given !== "object" || given === null)) {
    refuse(`it is ${textOf(given)}. Give a list, or a record by output.`, "lossWeights");
  }
  const isNone = (one: unknown) => one === undefined;
  return byOutput("lossWeights", outputs, given, isNone).map((one, index) => {
    const weight = one ?? otherwise;
    if (typeof weight === "number" && Number.isFinite(weight)) return weight;
    const what = `that of "${outputs[index]}" is ${textOf(weight)}. Give a finite number.`;
    return refuse(what, "lossWeights");
  });
}

/** A loss or metric that stands for itself, or what is none at all: no list, and no record by output. */
function isOne(given: unknown, outputs: readonly string[]): boolean {
  if (typeof given !== "object" || given === null) return true;
  return "name" in given && !outputs.includes("name") && !Array.isArray(given);
}

/** What is given for each output: the same for all, or a list in their order, or a record by name. @throws BadArgument */
function byOutput(
  what: string,
  outputs: readonly string[],
  given: unknown,
  isForAll: (given: unknown) => boolean,
): readonly unknown[] {
  if (isForAll(given)) return outputs.map(() => given);
  if (Array.isArray(given)) {
    if (given.length === outputs.length) return given;
    const some = what === "loss" ? "losses" : what;
    return refuse(
      `${given.length} ${some} are given, the model has ${outputs.length} outputs (${outputs.join(", ")}). Give one for each.`,
    );
  }
  const record = given as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(record).find((name) => !outputs.includes(name));
  if (unknown === undefined) return outputs.map((output) => record[output]);
  return refuse(
    `\`${what}\` names "${unknown}", the model's outputs are ${outputs.join(", ")}. Name one of those.`,
  );
}

function noMetric(given: unknown): never {
  const choices =
    "Give the name of a metric or loss of tfjs, or a function of labels and predictions.";
  return refuse(`there is no metric ${textOf(given)}. ${choices}`);
}

function refuse(what: string, where = "compile"): never {
  throw new HoneError("BadArgument", where, what);
}

/** A loss or metric by its name, anything else by what it has. */
function textOf(given: unknown): string {
  const { name } = (given ?? {}) as { readonly name?: unknown };
  return typeof given === "object" && typeof name === "string" ? `"${name}"` : contentText(given);
}
