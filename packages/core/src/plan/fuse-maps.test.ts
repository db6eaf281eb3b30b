import { expect, test } from "vitest";
import { GraphBuilder } from "../graph/builder.js";
import { opNames } from "../graph/ops/index.js";
import { holdEverything } from "./everything.js";
import { fitToTarget } from "./fuse.js";

holdEverything();

const SHAPE = [4, 6];

/** Planned for a device of all ops, or of those. Copies to what outlives the step are left out. */
function planned(build: (builder: GraphBuilder) => void, ops = opNames()) {
  const builder = new GraphBuilder();
  build(builder);
  return fitToTarget(builder.build(), ops).nodes.filter(({ op }) => op !== "Identity");
}

const opsOf = (nodes: readonly { readonly op: string }[]) => nodes.map(({ op }) => op);

function keep(b: GraphBuilder, id: number, name: string): void {
  b.opInto("Identity", [id], b.persistent(name, "metric", b.shape(id)));
}

test("a chain becomes one Map that reads what it is made of once, and numbers as numbers", () => {
  const nodes = planned((b) => {
    const x = b.persistent("x", "input", SHAPE);
    const scale = b.persistent("scale", "input", [6]);
    const scaled = b.op("Multiply", [x, scale]);
    const moved = b.op("Add", [scaled, b.scalar(0.5)]);
    keep(b, b.op("Multiply", [b.op("Relu6", [moved]), x]), "y");
  });
  expect(opsOf(nodes)).toEqual(["Map"]);
  expect(nodes[0]?.inputs).toHaveLength(2);
  const code =
    "input 0; input 1; Multiply 0 1; constant 0.5; Add 2 3; constant 0; Maximum 4 5; constant 6; Minimum 6 7; Multiply 8 0";
  expect(nodes[0]?.attributes).toEqual({ code, results: [9] });
});

test("where the target has no Map, nothing is joined", () => {
  const chain = (b: GraphBuilder) => {
    const x = b.persistent("x", "input", SHAPE);
    keep(b, b.op("Tanh", [b.op("Neg", [x])]), "y");
  };
  const names = opNames().filter((name) => name !== "Map");
  expect(opsOf(planned(chain))).toEqual(["Map"]);
  expect(opsOf(planned(chain, names))).toEqual(["Neg", "Tanh"]);
});

test("what somebody reads later is a result of the Map; what somebody reads before it ends the chain", () => {
  const between = (early: boolean) =>
    opsOf(
      planned((b) => {
        const x = b.persistent("x", "input", SHAPE);
        const square = b.op("Square", [x]);
        const least = () => keep(b, b.op("Min", [square], { axes: [1], keepDims: false }), "least");
        if (early) least();
        keep(b, b.op("Exp", [square]), "y");
        if (!early) least();
      }),
    );
  expect(between(false)).toEqual(["Map", "Min"]);
  expect(between(true)).toEqual(["Square", "Min", "Exp"]);
});

test("two chains that meet become one, in any order", () => {
  const nodes = planned((b) => {
    const [x, y] = [b.persistent("x", "input", SHAPE), b.persistent("y", "input", SHAPE)];
    const left = b.op("Exp", [b.op("Neg", [x])]);
    const right = b.op("Log", [b.op("Square", [y])]);
    keep(b, b.op("Maximum", [right, left]), "z");
  });
  expect(opsOf(nodes)).toEqual(["Map"]);
});

test("a result of another shape stays a node of its own", () => {
  const nodes = planned((b) => {
    const x = b.persistent("x", "input", SHAPE);
    const row = b.persistent("row", "input", [6]);
    keep(b, b.op("Tanh", [b.op("Add", [x, b.op("Sqrt", [row])])]), "y");
  });
  expect(opsOf(nodes)).toEqual(["Sqrt", "Map"]);
});

test("nothing moves past a change of what it reads", () => {
  const nodes = planned((b) => {
    const average = b.persistent("average", "state", SHAPE);
    const x = b.persistent("x", "input", SHAPE);
    const before = b.op("Neg", [average]);
    b.inPlace("AssignMovingAverage", [average, x], [average], { decay: 0.9 });
    keep(b, b.op("Exp", [before]), "y");
  });
  expect(opsOf(nodes)).toEqual(["Neg", "AssignMovingAverage", "Exp"]);
});

test("a Map has no more operands than every device can bind", () => {
  const nodes = planned((b) => {
    const inputs = Array.from({ length: 12 }, (_, index) =>
      b.persistent(`x${index}`, "input", SHAPE),
    );
    keep(
      b,
      inputs.reduce((sum, input) => b.op("Add", [sum, input])),
      "y",
    );
  });
  expect(opsOf(nodes)).toEqual(["Map", "Map"]);
  for (const { inputs, outputs } of nodes) {
    expect(inputs.length + outputs.length).toBeLessThanOrEqual(8);
  }
});

test("whole numbers are left to their own ops", () => {
  const nodes = planned((b) => {
    const x = b.persistent("x", "input", SHAPE, { dtype: "int32" });
    keep(b, b.op("Exp", [b.op("Neg", [b.op("Cast", [x], { dtype: "float32" })])]), "y");
  });
  expect(opsOf(nodes)).toEqual(["Cast", "Map"]);
});

test("what nobody reads is no Map without results", () => {
  const nodes = planned((b) => {
    const x = b.persistent("x", "input", SHAPE);
    b.op("Exp", [b.op("Neg", [x])]);
    keep(b, b.op("Tanh", [b.op("Abs", [x])]), "y");
  });
  expect(opsOf(nodes)).toEqual(["Neg", "Exp", "Map"]);
});

test("what becomes chains only when it is taken apart for a target is joined too", () => {
  const [batch, steps, units] = [2, 3, 5];
  const nodes = planned(
    (b) => {
      const state = [batch, units];
      const operands = [[steps, batch, 4 * units], [units, 4 * units], state, state];
      const inputs = operands.map((shape, index) => b.persistent(`x${index}`, "input", shape));
      const attributes = { activation: "tanh", recurrentActivation: "sigmoid" };
      keep(b, b.op("LSTM", inputs, attributes), "y");
    },
    opNames().filter((name) => name !== "LSTM"),
  );
  expect(opsOf(nodes)).toContain("Map");
  expect(opsOf(nodes)).not.toContain("Tanh");
});

const sum = (b: GraphBuilder, id: number, axis: number) =>
  b.op("Sum", [id], { axes: [axis], keepDims: true });

test("a normalisation of rows is one RowMap, in which a row's sums lead back to its elements", () => {
  const nodes = planned((b) => {
    const x = b.persistent("x", "input", SHAPE);
    const centred = b.op("Sub", [x, b.op("RealDiv", [sum(b, x, 1), b.scalar(6)])]);
    const size = b.op("Rsqrt", [sum(b, b.op("Square", [centred]), 1)]);
    keep(b, b.op("Multiply", [centred, size]), "y");
  });
  expect(opsOf(nodes)).toEqual(["RowMap"]);
  expect(nodes[0]?.attributes.axes).toEqual([1]);
});

test("a column's sum is followed by numbers of columns, and elements that wait for it are another's", () => {
  const nodes = planned((b) => {
    const x = b.persistent("x", "input", SHAPE);
    const flat = b.op("Reshape", [sum(b, x, 0)], { shape: [6] });
    const mean = b.op("RealDiv", [flat, b.scalar(4)]);
    keep(b, b.op("Square", [b.op("Sub", [x, mean])]), "y");
  });
  expect(opsOf(nodes)).toEqual(["ColumnMap", "Map"]);
  expect(nodes[0]?.attributes.code).toBe("input 0; Sum 0; constant 4; RealDiv 1 2");
});

test("sums of one tensor along the same axis are found together", () => {
  const nodes = planned((b) => {
    const [dy, x] = ["dy", "x"].map((name) => b.persistent(name, "input", SHAPE)) as [
      number,
      number,
    ];
    const sums = [sum(b, dy, 0), sum(b, b.op("Multiply", [dy, x]), 0)];
    for (const [index, id] of sums.entries()) keep(b, id, `sum ${index}`);
  });
  expect(opsOf(nodes)).toEqual(["ColumnMap"]);
});

test("what is costly is not computed anew for each walk along a row", () => {
  const nodes = planned((b) => {
    const power = b.op("Exp", [b.persistent("x", "input", SHAPE)]);
    keep(b, b.op("RealDiv", [power, sum(b, power, 1)]), "y");
  });
  expect(opsOf(nodes)).toEqual(["Exp", "RowMap"]);
});
