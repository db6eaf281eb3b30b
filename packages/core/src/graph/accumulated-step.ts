/**
 * A training step whose batch does not fit: its rows pass in parts, each forwards and backwards, and their gradients
 * add up; then the optimizer moves the weights once.
 *
 * All of it is one graph, so that the parts share their memory by liveness as any calls do, and whoever runs the step
 * need not know. The rows are picked, and changed at random, for the whole batch; random numbers within the model are
 * drawn from where the part's rows lie in it.
 */
import { HoneError } from "../errors.js";
import { gradientBlock } from "./backward.js";
import type { GraphBuilder } from "./builder.js";
import { isDraw, rowMixer } from "./cut-rows.js";
import { sizeOf } from "./geometry.js";
import { gradients } from "./gradient.js";
import { graft } from "./graft.js";
import { simplify } from "./simplify.js";
import { stepBuilder } from "./step-builder.js";
import { beginStep, endStep, rowWeights, type TrainingStepOptions, trainableOf } from "./steps.js";
import { atBatch, type ModelGraph, type Port, type Template } from "./template.js";
import { judge, type RowWeights } from "./terms.js";
import type { Attributes, Graph, Node } from "./types.js";

/** Numbers that one block of the generator holds. */
const BLOCK = 4;

export interface Parts {
  readonly batch: number;
  /** Rows of each part but the last. */
  readonly rows: number;
}

/**
 * The step for `parts.batch` rows, of the same loss, gradient and random numbers as `trainingStep` gives, up to the
 * order of sums.
 * @throws UnsupportedModel where rows see each other, so that parts have another gradient than the whole
 */
export function accumulatedStep(
  template: Template<ModelGraph>,
  options: TrainingStepOptions,
  { batch, rows }: Parts,
): Graph {
  assertRowsApart(template);
  const first = atBatch(template, rows);
  const builder = stepBuilder(first.graph);
  // The tensors of one part's rows are made anew for each part.
  for (const { tensor } of [...first.inputs, ...first.labels]) builder.retype(tensor, "scratch");
  const whole = wholePorts(builder, first, batch);
  const { fed, settings } = beginStep(builder, whole, options);
  const weights = rowWeights(fed, options);
  const parameters = trainableOf(builder);
  const constants = new Map<unknown, number>();
  const drawn = drawnByRow(template);
  let total: readonly number[] = [];
  let found = new Map<number, number>();
  for (let start = 0; start < batch; start += rows) {
    const part = Math.min(rows, batch - start);
    const model = part === rows ? first : atBatch(template, part);
    const cut = (id: number) => sliceOfRows(builder, id, start, part);
    const given = new Map<number, number>();
    for (const kind of ["inputs", "labels"] as const) {
      for (const [index, { tensor }] of model[kind].entries()) {
        given.set(tensor, cut((whole[kind][index] as Port).tensor));
      }
    }
    const attributesOf = ({ outputs: [output], attributes }: Node): Attributes => {
      const ofRow = drawn.get(output as number) ?? 0;
      return ofRow * start === 0
        ? attributes
        : { ...attributes, firstBlock: (ofRow * start) / BLOCK };
    };
    const place = graft(builder, model.graph, { given, constants, attributesOf });
    const judged = judge(
      builder,
      { ...placed(model, place), penalties: start === 0 ? model.penalties.map(place) : [] },
      options.terms,
      new Map([...fed.labels].map(([name, id]) => [name, cut(id)])),
      new Map([...weights].map(([name, given]) => [name, cutWeights(given, cut)])),
      part / batch,
    );
    total = added(builder, total, judged.figures);
    found = addedByKey(builder, found, gradients(builder, judged.seeds, parameters));
  }
  const block = gradientBlock(builder, parameters, found);
  endStep(builder, options, { ...block, settings, figures: total });
  return simplify(builder.build());
}

/**
 * The most rows up to `wanted` that a part may have: with random numbers in the model each part begins with a whole
 * block of the generator. @throws BadArgument when there are none
 */
export function fittingRows(template: Template<ModelGraph>, wanted: number): number {
  const sizes = [...drawnByRow(template).values()];
  const isWhole = (rows: number) => sizes.every((size) => (rows * size) % BLOCK === 0);
  for (let rows = wanted; rows > 0; rows--) if (isWhole(rows)) return rows;
  const what = `${wanted} rows of a part are too few for a model that draws random numbers, of which four come at once. Give ${BLOCK} or more.`;
  throw new HoneError("BadArgument", "accumulate", what);
}

function assertRowsApart(template: Template<ModelGraph>): void {
  const mixer = rowMixer(template);
  if (!mixer) return;
  const who = mixer.label ? `layer "${mixer.label}"` : "a loss or metric that is a function";
  const what = `${who} looks at all rows of a batch together (${mixer.op}), so that parts of it have another gradient than the whole. Take a smaller batch size without \`accumulate\`.`;
  throw new HoneError("UnsupportedModel", "accumulate", what);
}

/** Ports for the rows of the whole batch, to be filled. */
function wholePorts(builder: GraphBuilder, model: ModelGraph, batch: number) {
  const port = (kind: string) => (one: Port) => {
    const { shape, dtype } = builder.tensor(one.tensor);
    const name = `whole.${kind}.${one.name}`;
    const tensor = builder.persistent(name, "input", [batch, ...shape.slice(1)], { dtype });
    return { name: one.name, tensor };
  };
  return { inputs: model.inputs.map(port("input")), labels: model.labels.map(port("label")) };
}

function sliceOfRows(builder: GraphBuilder, id: number, start: number, rows: number): number {
  const [, ...row] = builder.shape(id);
  const begin = [start, ...row.map(() => 0)];
  return builder.op("Slice", [id], { begin, size: [rows, ...row] });
}

const cutWeights = ({ samples, classes }: RowWeights, cut: (id: number) => number): RowWeights => ({
  samples: samples === undefined ? undefined : cut(samples),
  ...(classes && { classes }),
});

/** Random numbers that each row has of its own: how many, by the tensor that holds them. */
function drawnByRow({ two, three }: Template<ModelGraph>): ReadonlyMap<number, number> {
  const drawn = new Map<number, number>();
  for (const node of two.graph.nodes) {
    if (!isDraw(node)) continue;
    const [id] = node.outputs as readonly [number];
    const [small, large] = [two, three].map(({ graph }) => sizeOf(graph.tensors[id]?.shape ?? []));
    const ofRow = (large as number) - (small as number);
    if (ofRow > 0) drawn.set(id, ofRow);
  }
  return drawn;
}

function placed(model: ModelGraph, place: (id: number) => number): ModelGraph {
  const ports = (list: readonly Port[]) =>
    list.map(({ name, tensor }) => ({ name, tensor: place(tensor) }));
  return {
    ...model,
    inputs: ports(model.inputs),
    outputs: ports(model.outputs),
    functions: model.functions.map(place),
  };
}

function added(builder: GraphBuilder, sums: readonly number[], more: readonly number[]): number[] {
  return more.map((id, index) => {
    const sum = sums[index];
    return sum === undefined ? id : builder.op("Add", [sum, id]);
  });
}

function addedByKey(
  builder: GraphBuilder,
  sums: ReadonlyMap<number, number>,
  more: ReadonlyMap<number, number>,
): Map<number, number> {
  const result = new Map(sums);
  for (const [key, id] of more) {
    const sum = result.get(key);
    result.set(key, sum === undefined ? id : builder.op("Add", [sum, id]));
  }
  return result;
}
