/**
 * Rows of a table by number, and the sum of rows by the number they bear: each is the other's gradient.
 *
 * A step cannot throw on what it reads, as tfjs's cpu backend does at a number outside of the table; it gives a row of
 * NaN, so that the loss is not finite and training stops. Rows to be summed that bear such a number are left out, as in tfjs.
 */
import { sizeOf } from "../geometry.js";
import type { Shape, Tensor } from "../types.js";
import type { GraphWriter } from "../writer.js";
import type { OpFamily } from "./definition.js";
import { mismatch, noFlops, numeric, perElement, reshape } from "./rules.js";

/** @throws ShapeMismatch unless the rows are float32 and their numbers int32 */
function checkTypes(op: string, rows: Tensor, numbers: Tensor): void {
  if (rows.dtype === "float32" && numbers.dtype === "int32") return;
  mismatch(
    op,
    `its rows are ${rows.dtype} and their numbers ${numbers.dtype}, where float32 and int32 are needed. Cast them.`,
  );
}

/** [n, count], with a 1 where a number is the column's; a row of zeros for a number outside. */
function oneHot(builder: GraphWriter, numbers: number, count: number): number {
  const columns = builder.constant(
    Int32Array.from({ length: count }, (_, index) => index),
    [1, count],
  );
  const rows = reshape(builder, numbers, [sizeOf(builder.shape(numbers)), 1]);
  return builder.op("Equal", [rows, columns]);
}

const matrix = (builder: GraphWriter, id: number, rows: number) =>
  reshape(builder, id, [rows, sizeOf(builder.shape(id)) / Math.max(1, rows)]);

const product = (builder: GraphWriter, a: number, b: number, transposeA: boolean) =>
  builder.op("BatchMatMul", [a, b], { transposeA, transposeB: false });

export const gatherOps: OpFamily = {
  ops: [
    {
      name: "Gather",
      infer: (inputs) => {
        const [table, indices] = inputs as readonly [Tensor, Tensor];
        checkTypes("Gather", table, indices);
        if (table.shape.length === 0) {
          mismatch("Gather", "a table of shape [] has no rows.");
        }
        return { shape: [...indices.shape, ...table.shape.slice(1)] };
      },
      expand: (builder, [table, indices], { outside }) => {
        const [shape, of] = [builder.shape(table as number), builder.shape(indices as number)];
        const rows = shape[0] as number;
        const hot = oneHot(builder, indices as number, rows);
        let found = product(builder, hot, matrix(builder, table as number, rows), false);
        if (outside !== "zero") {
          const inside = builder.op("Sum", [hot], { axes: [1], keepDims: true });
          found = builder.op("Select", [inside, found, builder.scalar(Number.NaN)]);
        }
        return reshape(builder, found, [...of, ...shape.slice(1)]);
      },
      flops: noFlops,
    },
    {
      name: "UnsortedSegmentSum",
      infer: (inputs, attributes) => {
        const [x, segmentIds] = inputs as readonly [Tensor, Tensor];
        checkTypes("UnsortedSegmentSum", x, segmentIds);
        if (`${x.shape.slice(0, segmentIds.shape.length)}` !== `${segmentIds.shape}`) {
          mismatch(
            "UnsortedSegmentSum",
            `rows of [${x.shape}] do not go with numbers of shape [${segmentIds.shape}].`,
          );
        }
        return { shape: [numeric(attributes, "numSegments"), ...row(x.shape, segmentIds.shape)] };
      },
      expand: (builder, [x, segmentIds], attributes) => {
        const [shape, of] = [builder.shape(x as number), builder.shape(segmentIds as number)];
        const count = numeric(attributes, "numSegments");
        const hot = oneHot(builder, segmentIds as number, count);
        const summed = product(builder, hot, matrix(builder, x as number, sizeOf(of)), true);
        return reshape(builder, summed, [count, ...row(shape, of)]);
      },
      flops: perElement(1),
    },
  ],
  gradients: {
    Gather: ({ builder, inputs, dOutput, wanted }) => {
      const [table, indices] = inputs as readonly [number, number];
      const numSegments = builder.shape(table)[0] as number;
      return [
        wanted[0]
          ? builder.op("UnsortedSegmentSum", [dOutput, indices], { numSegments })
          : undefined,
        undefined,
      ];
    },
    UnsortedSegmentSum: ({ builder, inputs, dOutput, wanted }) => [
      wanted[0]
        ? builder.op("Gather", [dOutput, inputs[1] as number], { outside: "zero" })
        : undefined,
      undefined,
    ],
  },
};

/** The shape of one row. */
const row = (shape: Shape, numbers: Shape) => shape.slice(numbers.length);
