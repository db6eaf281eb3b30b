/** Rows of a table by number, and their gradient: rows added up by number. */
import { numberAttribute, shapeOfInput, sizeOf } from "@hone/core/kernels";
import { floatBits } from "./fill.js";
import {
  blocksOf,
  input,
  invoke,
  type Lowering,
  type LoweringTable,
  output,
  Workspace,
} from "./lowering.js";

/** Elements that are worth a unit of their own. */
const UNIT = 512;

const gather: Lowering = (call) => {
  const [rows, ...row] = shapeOfInput(call, 0) as readonly [number, ...number[]];
  const [count, length] = [sizeOf(shapeOfInput(call, 1)), sizeOf(row)];
  const unit = Math.max(1, Math.floor(UNIT / length));
  const outside = floatBits(call.attributes.outside === "zero" ? 0 : Number.NaN);
  const operands = [input(call, 0), input(call, 1), output(call)];
  const units = Math.ceil(count / unit);
  return [invoke("arrays/gatherTableRows", units, ...operands, rows, length, count, unit, outside)];
};

/** Elements that are worth a part of their own. */
const LEAST_ELEMENTS = 4096;
const MOST_PARTS = 16;
/** A part's rows for each of its sums: adding the parts up is then little beside making them. */
const ROWS_PER_SUM = 16;
/** Units that own sums; fewer where there are fewer of these. */
const OWNERS = 32;
/** Places that are listed: LISTED of assembly/table-rows.ts. */
const LISTED = 1024;

/** Parts that the rows are cut into, where there are few sums of many rows; else one. */
function partsOf(rows: number, length: number, segments: number): number {
  const worth = Math.floor((rows * length) / LEAST_ELEMENTS);
  return Math.min(MOST_PARTS, worth, Math.floor(rows / (ROWS_PER_SUM * segments)));
}

const unsortedSegmentSum: Lowering = (call) => {
  const ids = shapeOfInput(call, 1);
  const [rows, length] = [sizeOf(ids), sizeOf(shapeOfInput(call, 0).slice(ids.length))];
  const segments = numberAttribute(call, "numSegments");
  const size = segments * length;
  if (size === 0) return [];
  const operands = [input(call, 0), input(call, 1)];
  const wanted = partsOf(rows, length, segments);
  if (wanted < 2) {
    const unit = Math.ceil(segments / OWNERS);
    const places = new Workspace().take(4 * (LISTED + 1));
    const shape = [rows, length, segments, unit, places];
    return [
      invoke(
        "arrays/sumOwnSegments",
        Math.ceil(segments / unit),
        ...operands,
        output(call),
        ...shape,
      ),
    ];
  }
  const partRows = Math.ceil(rows / wanted);
  const parts = Math.ceil(rows / partRows);
  const sums = new Workspace("shared").take(4 * parts * size);
  return [
    invoke("arrays/sumSegmentParts", parts, ...operands, sums, rows, length, segments, partRows, 0),
    invoke("training/addPartials", blocksOf(size), sums, output(call), parts, size),
  ];
};

export const tableLowerings: LoweringTable = {
  Gather: gather,
  UnsortedSegmentSum: unsortedSegmentSum,
};
