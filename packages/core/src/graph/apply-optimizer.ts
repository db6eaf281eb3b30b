/** Optimizers on the graph: their settings of a step, their slots, and the Maps that apply them. */
import { HoneError } from "../errors.js";
import type { GraphBuilder } from "./builder.js";
import { Formula, type Value } from "./formula.js";
import { sizeOf } from "./geometry.js";
import { type Optimizer, ruleOf } from "./optimizer.js";
import type { OptionTable, OptionValues } from "./optimizer-rule.js";
import type { Attributes, Role } from "./types.js";

const optionsOf = (optimizer: Optimizer) => optimizer as unknown as OptionValues<OptionTable>;

/** Numbers per step in the schedule: the learning rate, and corrections that are the same for all weights. */
export function scheduleColumns(optimizer: Optimizer): number {
  return 1 + Object.keys(ruleOf(optimizer).corrections ?? {}).length;
}

/**
 * One row of the schedule, in double precision, so that no device raises 0.999 to the t-th power.
 * @param step counts from 0
 */
export function scheduleRow(optimizer: Optimizer, step: number, learningRate: number): number[] {
  const corrections = Object.values(ruleOf(optimizer).corrections ?? {});
  return [learningRate, ...corrections.map((column) => column(optionsOf(optimizer), step))];
}

/** Names of the slots an optimizer keeps for each parameter. */
export function slotNames(optimizer: Optimizer): readonly string[] {
  const { slots = [], keeps } = ruleOf(optimizer);
  return slots.filter((slot) => keeps?.(slot, optionsOf(optimizer)) ?? true);
}

/** The name of what a group of parameters has of its own: `gradients`, or `gradients.generator`. */
export function inGroup(name: string, group: string | undefined): string {
  return group === undefined ? name : `${name}.${group}`;
}

/**
 * Tensors of an optimizer's slots: one for each slot and parameter, by slots first. Unlike the flat views over them they
 * are the same on every device, however it aligns what lies side by side.
 * @param parameters names of the parameters' tensors
 */
export function slotTensors(
  optimizer: Optimizer,
  parameters: readonly string[],
  group?: string,
): readonly string[] {
  return slotNames(optimizer).flatMap((slot) =>
    parameters.map((parameter) => slotTensor(slot, parameter, group)),
  );
}

const slotTensor = (slot: string, parameter: string, group: string | undefined) =>
  `${inGroup("slot", group)}.${slot}:${parameter}`;

export interface OptimizerInputs {
  /** Ids of the trainable parameters, and of their gradients, in the same order. */
  readonly parameters: readonly number[];
  readonly gradients: readonly number[];
  /** What op ReadSchedule gives for this step. */
  readonly settings: number;
  /** The gradients' global norm, [1]. */
  readonly norm: number;
  /** The parameters' names for people (`dense_1/kernel`), which `factors` are by; their tensors' unless given. */
  readonly labels?: readonly string[] | undefined;
  /** Whose parameters they are, where a session has several optimizers. */
  readonly group?: string | undefined;
}

/**
 * Declares the slots and appends one Map over flat views of everything, or one for each parameter where
 * parameters differ in what is done to them.
 * @throws BadArgument when `factors` names no weight
 */
export function applyOptimizer(
  builder: GraphBuilder,
  optimizer: Optimizer,
  { parameters, gradients, settings, norm, labels, group }: OptimizerInputs,
): void {
  const { clipNorm = 0, clipTensorNorm = 0, factors } = optimizer;
  const nameOf = (id: number) => builder.tensor(id).name as string;
  const slots = slotNames(optimizer).map((slot) => {
    const block = `${inGroup("slots", group)}.${slot}`;
    return parameters.map((id) =>
      builder.persistent(slotTensor(slot, nameOf(id), group), "slot", builder.shape(id), { block }),
    );
  });
  const length = parameters.reduce((sum, id) => sum + sizeOf(builder.shape(id)), 0);
  const flat = (name: string, role: Role, span: readonly number[]) =>
    builder.persistent(inGroup(name, group), role, [length], { span });
  const flatSlots = slotNames(optimizer).map((slot, index) =>
    builder.persistent(`${inGroup("slots", group)}.${slot}`, "slot", [length], {
      span: slots[index] as readonly number[],
    }),
  );
  const apply = (places: readonly number[], factor: number, clip?: Clip) => {
    const [parameter, gradient, ...kept] = places as readonly [number, number, ...number[]];
    const inputs = [parameter, gradient, ...kept, settings, ...(clip ? [clip.norm] : [])];
    const attributes = updateOf(optimizer, factor, clip?.most);
    builder.inPlace("Map", inputs, [parameter, ...kept], attributes);
  };
  if (clipTensorNorm === 0 && factors === undefined) {
    const values = flat("parameters", "parameter", parameters);
    const clip = clipNorm > 0 ? { norm, most: clipNorm } : undefined;
    apply([values, flat("gradients", "gradient", gradients), ...flatSlots], 1, clip);
    return;
  }
  const factorOf = factorsBy(optimizer, labels ?? parameters.map(nameOf));
  for (const [index, parameter] of parameters.entries()) {
    const gradient = gradients[index] as number;
    const factor = factorOf(index);
    if (factor === 0) continue;
    const own = clipTensorNorm > 0 ? builder.op("GlobalNorm", [gradient]) : norm;
    const most = clipTensorNorm || clipNorm;
    const clip = most > 0 ? { norm: own, most } : undefined;
    apply([parameter, gradient, ...slots.map((slot) => slot[index] as number)], factor, clip);
  }
}

interface Clip {
  readonly norm: number;
  readonly most: number;
}

/**
 * Attributes of the Map that applies an optimizer to parameter, gradient, slots, settings and perhaps a norm.
 * @param factor of the learning rate @param mostNorm to which the gradient is scaled down, when there is a norm
 */
export function updateOf(optimizer: Optimizer, factor = 1, mostNorm?: number): Attributes {
  const { corrections = {}, decoupledDecay, update } = ruleOf(optimizer);
  const { clipValue = 0, weightDecay = 0 } = optimizer;
  const names = slotNames(optimizer);
  const formula = new Formula();
  const settings = 2 + names.length;
  const parameter = formula.input(0);
  const rate = formula.element(settings, 0).times(factor);
  let gradient = formula.input(1);
  if (mostNorm !== undefined) {
    const most = formula.constant(mostNorm);
    gradient = gradient.times(most.over(formula.element(settings + 1, 0).max(most)));
  }
  if (clipValue > 0) gradient = gradient.max(-clipValue).min(clipValue);
  const isDecoupled = decoupledDecay !== undefined;
  if (weightDecay > 0 && !isDecoupled) gradient = gradient.plus(parameter.times(weightDecay));
  const valuesOf = (keys: readonly string[], value: (index: number) => Value) =>
    Object.fromEntries(keys.map((key, index) => [key, value(index)]));
  const { change, slots = {} } = update({
    parameter,
    gradient,
    slots: valuesOf(names, (index) => formula.input(2 + index)),
    rate,
    corrections: valuesOf(Object.keys(corrections), (index) =>
      formula.element(settings, 1 + index),
    ),
    options: optionsOf(optimizer),
  });
  const decayed =
    weightDecay > 0 && isDecoupled
      ? parameter.minus(rate.times(weightDecay).times(parameter))
      : parameter;
  const results = [decayed.minus(change), ...names.map((name) => slots[name] as Value)];
  return formula.attributes(results);
}

/** The factor of each parameter. @throws BadArgument for a name that is neither a layer's nor a weight's */
function factorsBy(optimizer: Optimizer, labels: readonly string[]): (index: number) => number {
  const factors = Object.entries(optimizer.factors ?? {});
  const covers = (name: string, label: string) => label === name || label.startsWith(`${name}/`);
  for (const [name] of factors) {
    if (labels.some((label) => covers(name, label))) continue;
    const what = `factors names "${name}", and no trainable weight or layer has that name. There are ${labels.join(", ")}.`;
    throw new HoneError("BadArgument", optimizer.kind, what);
  }
  const longestFirst = factors.sort(([a], [b]) => b.length - a.length);
  return (index) => {
    const label = labels[index] as string;
    return longestFirst.find(([name]) => covers(name, label))?.[1] ?? 1;
  };
}
