/** `Map`: a kernel made at run time for each expression, over all elements or row by row. */
import {
  broadcastStrides,
  invariant,
  isReadByElement,
  type Operand,
  readExpression,
  shapeOfOutput,
  stridesOf,
} from "@hone/core/backend";
import { mapModule } from "../generated/map-module.js";
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

const map: Lowering = (call) => {
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
  const axes = foldAxes(shape, strides, 1);
  const row = axes[0] as Axis;
  const outer = axes.slice(1);
  const isDense = row.steps.every((step) => step <= 1);
  invariant(isDense, "Map", "an operand's neighbours do not lie side by side");
  const moves = isRead.map((read, index) => read && row.steps[index] === 1);
  const key = `${call.attributes.code}; ${expression.results}; ${moves}; ${places}`;
  const module = mapModule({ expression, moves, places });
  const kernel = { name: "map", key, bytes: module.bytes };
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
  return [invoke("mapRows", units, { kind: "kernel", kernel }, ...sizes, copy, ...words)];
};

export const mapLowerings: LoweringTable = { Map: map };
