import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.js";
import { isCutAlike, rowMixer } from "./cut-rows.js";
import { holdAllOps } from "./ops/all.js";
import { mixesRows } from "./rows.js";
import type { ModelGraph, Template } from "./template.js";

holdAllOps();

/** A model of one input, rows of `width` whole numbers. */
function model(width: number, body: (builder: GraphBuilder, input: number) => number) {
  const at = (rows: number): ModelGraph => {
    const builder = new GraphBuilder();
    const input = builder.persistent("input", "input", [rows, width], { dtype: "int32" });
    const outputs = [{ name: "output", tensor: body(builder, input) }];
    const inputs = [{ name: "input", tensor: input }];
    const none = { penalties: [], labels: [], functions: [] };
    return { graph: builder.build(), inputs, outputs, ...none };
  };
  return { two: at(2), three: at(3) } satisfies Template<ModelGraph>;
}

test("rows that are taken from a table do not see each other", () => {
  const embedding = model(5, (builder, input) =>
    builder.op("Gather", [builder.persistent("parameter:0", "parameter", [7, 4]), input]),
  );
  expect(mixesRows(embedding)).toBe(false);
  expect(rowMixer(embedding)).toBeUndefined();
  expect(isCutAlike(embedding)).toBe(true);
});

test("rows of the batch that are taken by number see each other", () => {
  const table = (builder: GraphBuilder, input: number) =>
    builder.op("Cast", [input], { dtype: "float32" });
  const picked = model(1, (builder, input) => {
    const numbers = builder.op("Reshape", [input], {
      shape: [...builder.shape(input).slice(0, 1)],
    });
    return builder.op("Gather", [table(builder, input), numbers]);
  });
  expect(mixesRows(picked)).toBe(true);
  expect(rowMixer(picked)?.op).toBe("Gather");
});
