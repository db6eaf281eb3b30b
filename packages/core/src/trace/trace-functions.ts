/**
 * Losses and metrics that are functions of tfjs tensors: traced together with the model whose outputs they judge.
 *
 * Labels become input ports the first time a function asks for them, so that what no function reads need not be in
 * the data.
 */
import type { ModelGraph, Port } from "../graph/template.js";
import type { Shape } from "../graph/types.js";
import { tensorFrom } from "./engine.js";
import type { Recorder } from "./recorder.js";
import { computed } from "./results.js";
import type { LossFunctionLike, TensorLike, WholeLossFunctionLike } from "./tfjs-types.js";

/** A function that judges one output by its labels, or all outputs together. */
export type JudgeFunction = {
  /** For errors: `loss function`, `metric "f1"`. */
  readonly what: string;
  /** True where the output's labels are indices of classes, one in the place of all classes' numbers. */
  readonly ofClasses?: boolean;
} & (
  | { readonly output: string; readonly call: LossFunctionLike }
  | { readonly output: undefined; readonly call: WholeLossFunctionLike }
);

interface Judged {
  readonly batch: number;
  readonly inputs: ReadonlyMap<string, TensorLike>;
  readonly outputs: ReadonlyMap<string, TensorLike>;
}

export type TraceFunctions = typeof traceFunctions;

/** Traces the functions, in their order. @throws UnsupportedModel naming the function */
export function traceFunctions(
  recorder: Recorder,
  options: {
    readonly functions?: readonly JudgeFunction[];
    readonly labelShapes?: Readonly<Record<string, Shape>>;
  },
  { batch, inputs, outputs }: Judged,
): Pick<ModelGraph, "labels" | "functions"> {
  const { build, graph } = recorder;
  const labels: Port[] = [];
  const tensors = new Map<string, TensorLike>();
  const ofClasses = new Set(
    (options.functions ?? []).flatMap((judge) => (judge.ofClasses ? [judge.output] : [])),
  );
  const labelOf = (output: string): TensorLike => {
    const known = tensors.get(output);
    if (known) return known;
    const whole = outputs.get(output)?.shape.slice(1) ?? [];
    // tfjs's fit gives labels that are one number a row an axis of their own.
    const indices = whole.length > 1 ? whole.slice(0, -1) : [1];
    const row = options.labelShapes?.[output] ?? (ofClasses.has(output) ? indices : whole);
    const tensor = graph.persistent(`labels:${output}`, "input", [batch, ...row]);
    labels.push({ name: output, tensor });
    const given = tensorFrom(recorder.give(build.from(tensor)));
    tensors.set(output, given);
    return given;
  };
  const functions = (options.functions ?? []).map((judge) =>
    recorder.naming(judge.what, () => {
      const result =
        judge.output === undefined
          ? judge.call(
              lazily(outputs, labelOf) as never,
              Object.fromEntries(outputs) as never,
              Object.fromEntries(inputs) as never,
            )
          : judge.call(labelOf(judge.output) as never, outputs.get(judge.output) as never);
      if (!result || typeof result !== "object" || !("dataId" in result)) {
        return recorder.refuse("gives no tensor. Return a tensor of one number per example");
      }
      const traced = build.float(recorder.resolve(result as TensorLike));
      return computed(recorder, build.dense(traced));
    }),
  );
  return { labels, functions };
}

/** Labels by output, each made when it is first read. */
function lazily(
  outputs: ReadonlyMap<string, TensorLike>,
  labelOf: (output: string) => TensorLike,
): object {
  const record = {};
  for (const output of outputs.keys()) {
    Object.defineProperty(record, output, { enumerable: true, get: () => labelOf(output) });
  }
  return record;
}
