/**
 * Rows added up by number, the gradient of a table's rows: without atomics, in an order that shapes alone decide. Rows of one number make a chain in their block of rows, whose first takes the sum; these first ones
 * make a chain over the blocks. So no chain is long, however often a number comes.
 */
import { invariant, sizeOf } from "@hone/core/kernels";
import {
  input,
  type Kernel,
  type Kernels,
  type Launch,
  type LaunchOptions,
  numberOf,
  output,
  overElements,
  powerOfTwo,
  workspace,
} from "./kernel.js";
import { library } from "./library.js";
import segmentLinks from "./segment-links.wgsl";
import segmentSum from "./segment-sum.wgsl";

type Bound = Pick<LaunchOptions, "read" | "write">;

/** From here on a float does not hold every whole number, as a link is one. */
const MOST_ROWS = 2 ** 24;
/** Rows that make one block, and so one chain a number. */
const ONE_BLOCK = 256;

const unsortedSegmentSumKernel: Kernel = (call) => {
  const [x, ids, result] = [input(call, 0), input(call, 1), output(call)];
  const rows = sizeOf(ids.shape);
  const rowLength = sizeOf(x.shape.slice(ids.shape.length));
  invariant(rows < MOST_ROWS, call.op, `${rows} rows are more than links can tell apart`);
  const isOneBlock = rows <= ONE_BLOCK;
  const block = isOneBlock ? ONE_BLOCK : powerOfTwo(Math.ceil(Math.sqrt(rows)));
  // Links in blocks, links over blocks, and the sums of each block's rows.
  const [far, sums] = [rows, 2 * rows];
  const links = workspace(isOneBlock ? sums : sums + rows * rowLength);
  const chains = (from: number, term: string, place: string, bound: Bound): readonly Launch[] =>
    overElements(rows * rowLength, {
      sources: [segmentSum],
      constants: { ROWS: rows, ROW_LENGTH: rowLength, LINKS: from, SUMS: sums },
      prelude: [
        `fn term(at: u32) -> f32 { return ${term}; }`,
        `fn store_sum(row: u32, column: u32, sum: f32) { ${place} = sum; }`,
      ],
      ...bound,
    });
  const atSegment = "result[u32(ids[row]) * ROW_LENGTH + column]";
  const atRow = "links[SUMS + row * ROW_LENGTH + column]";
  return [
    ...overElements(sizeOf(result.shape), {
      sources: [library.fill],
      constants: { VALUE_BITS: 0 },
      prelude: ["alias Element = f32;"],
      read: {},
      write: { result },
    }),
    ...overElements(rows, {
      sources: [segmentLinks],
      constants: { ROWS: rows, BLOCK: block, SEGMENTS: numberOf(call, "numSegments"), FAR: far },
      read: { ids },
      write: { links },
    }),
    ...(isOneBlock
      ? chains(0, "x[at]", atSegment, { read: { x, ids, links }, write: { result } })
      : [
          ...chains(0, "x[at]", atRow, { read: { x }, write: { links } }),
          ...chains(far, "links[SUMS + at]", atSegment, {
            read: { ids, links },
            write: { result },
          }),
        ]),
  ];
};

export const kernels: Kernels = { UnsortedSegmentSum: unsortedSegmentSumKernel };
