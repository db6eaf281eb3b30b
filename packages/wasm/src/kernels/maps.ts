/** `Map`: a kernel made at run time for each expression, over all elements or row by row. */
import {
  broadcastStrides,
  invariant,
  type Operand,
  shapeOfOutput,
  stridesOf,
} from "@hone/core/kernels";
import { isReadByElement, readExpression } from "@hone/core/maps";
import {
  LANES,
  type MapModule,
  type MapShape,
  type Motion,
  mapModule,
} from "../generated/map-module.js";
import { type Axis, axisRecords, foldAxes, rowUnits } from "./axes.js";
import {
  type Argument,
  float,
  input,
  invoke,
  type Lowering,
  type LoweringTable,
  output,
  table,
  Workspace,
} from "./lowering.js";

const isSamePlace = (a: Operand, b: Operand) =>
  a.block === b.block && a.byteOffset === b.byteOffset;

/** A step of an operand whose row is read again for each row of the others. */
const REPEATS = -1;

/**
 * Rows that lie one behind another are walked as one, with operands of one row, as a bias is, read again and again: rows
 * are often shorter than what calling a kernel for each would cost.
 * @param inputs the first so many tensors, which alone may repeat
 */
function walkOf(
  axes: readonly Axis[],
  inputs: number,
): { readonly axes: readonly Axis[]; readonly period: number } {
  const [row, outer] = axes as readonly [Axis, Axis?];
  const apart = { axes, period: 0 };
  if (!outer || axes.length > 2 || row.extent % LANES !== 0) return apart;
  const steps: number[] = [];
  for (const [index, step] of row.steps.entries()) {
    const next = outer.steps[index];
    if (next === step * row.extent) steps.push(step);
    else if (next === 0 && step === 1 && index < inputs) steps.push(REPEATS);
    else return apart;
  }
  return { axes: [{ extent: row.extent * outer.extent, steps }], period: row.extent };
}

/** Modules that were written last, by their keys: a network that repeats itself has the same over and over. */
const modules = new Map<string, MapModule>();
const MOST_MODULES = 256;

function moduleFor(key: string, shape: MapShape): MapModule {
  const module = modules.get(key) ?? mapModule(shape);
  modules.set(key, module);
  if (modules.size > MOST_MODULES) modules.delete(modules.keys().next().value as string);
  return module;
}

const map: Lowering = (call, shared) => {
  const expression = readExpression(call.attributes);
  const shape = shapeOfOutput(call);
  const isRead = call.inputs.map((_, index) => isReadByElement(expression, index));
  const places = call.outputs.map((result) =>
    call.inputs.findIndex((operand, index) => isRead[index] && isSamePlace(operand, result)),
  );
  const apart = call.outputs.flatMap((_, index) => ((places[index] as number) < 0 ? [index] : []));
  const strides = [
    ...call.inputs.map((operand, index) =>
      isRead[index] ? broadcastStrides(operand.shape, shape) : shape.map(() => 0),
    ),
    ...apart.map(() => stridesOf(shape)),
  ];
  const { axes, period } = walkOf(foldAxes(shape, strides, 1), isRead.length);
  const row = axes[0] as Axis;
  const outer = axes.slice(1);
  const isDense = row.steps.every((step) => step <= 1);
  invariant(isDense, "Map", "an operand's neighbours do not lie side by side");
  const motions = isRead.map((read, index): Motion => {
    if (!read || row.steps[index] === 0) return "stays";
    return row.steps[index] === REPEATS ? "repeats" : "moves";
  });
  const key = `${call.attributes.code}; ${expression.results}; ${motions}; ${period}; ${places}`;
  const module = moduleFor(key, { expression, motions, period, places });
  const family = module.callsFunctions ? "elementwise" : "base";
  const kernel = { name: "map", key, bytes: module.bytes(shared), family };
  const addresses: Argument[] = [
    ...call.inputs.map((_, index) => input(call, index)),
    ...apart.map((index) => output(call, index)),
  ];
  const words = [row.extent, ...addresses, ...module.constants.map(float)];
  const units = rowUnits(axes);
  if (outer.length === 0) return [invoke(kernel, units, ...words)];
  const steps = table(axisRecords(outer, addresses.length));
  const copy = new Workspace().take(4 * words.length);
  const sizes = [words.length, addresses.length, steps, outer.length];
  return [invoke("base/mapRows", units, { kind: "kernel", kernel }, ...sizes, copy, ...words)];
};

export const lowerings: LoweringTable = { Map: map };

export { lowerings as base } from "./base.js";
