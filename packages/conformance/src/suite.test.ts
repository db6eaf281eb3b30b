/** The suite finds what is wrong with a backend: mutants of the reference must fail. */
import { type Backend, type Entry, HoneError } from "@hone/core/backend";
import { cpu } from "@hone/cpu";
import { expect, test } from "vitest";
import { type Alteration, alteredBackend } from "./altered-backend.js";
import { type ConformanceOptions, opCases, runConformance, timeCase } from "./index.js";

/** A cpu backend that is changed in one thing. */
const mutant = (changes: Alteration) => alteredBackend(cpu({ worker: false }), "cpu", changes);

/** Replaces one op by another, or changes its attributes. */
const withCalls = (change: (call: Entry["calls"][number]) => Entry["calls"][number]) =>
  mutant({ entry: (entry) => ({ ...entry, calls: entry.calls.map(change) }) });

async function failures(backend: Backend, options: ConformanceOptions): Promise<string[]> {
  const names: string[] = [];
  let checks = 0;
  for await (const { name, ok, message } of runConformance(backend, options)) {
    checks++;
    if (!ok) names.push(`${name}: ${message}`);
  }
  expect(checks).toBeGreaterThan(0);
  return names;
}

test("a right backend has no failure, and results come with a name and a time", async () => {
  const results = [];
  for await (const result of runConformance(cpu({ worker: false }), { only: /^(MaxPool|Relu) / })) {
    results.push(result);
  }
  expect(results.map(({ name, ok }) => [name.split(" ")[0], ok])).toEqual([
    ["Relu", true],
    ["MaxPool", true],
  ]);
  expect(results.every(({ milliseconds }) => milliseconds > 0)).toBe(true);
});

test.each([
  ["Relu", "Relu6"],
  ["GreaterEqual", "Greater"],
  ["Elu", "Selu"],
  ["Max", "Min"],
  ["Sub", "Add"],
])("computing %s as %s fails", async (op, other) => {
  const wrong = withCalls((call) => (call.op === op ? { ...call, op: other } : call));
  expect(await failures(wrong, { only: `${op} agrees` })).toHaveLength(1);
});

test("a dropout that draws another mask fails, and so does every model that drops out", async () => {
  const wrong = withCalls((call) =>
    call.op === "Dropout" ? { ...call, attributes: { ...call.attributes, ordinal: 99 } } : call,
  );
  expect(await failures(wrong, { only: "Dropout agrees" })).toHaveLength(1);
  expect((await failures(wrong, { only: /^mlp(-tuned)?: 3 / })).join()).toMatch(/gradient of/);
});

test("an augmentation that draws others, or never comes, fails", async () => {
  const wrong = withCalls((call) =>
    call.op === "AugmentImages"
      ? { ...call, attributes: { ...call.attributes, ordinal: 99 } }
      : call,
  );
  const only = /^AugmentImages agrees|images moved and mirrored/;
  expect(await failures(wrong, { only })).toHaveLength(2);
  const idle = withCalls((call) =>
    call.op === "AugmentImages"
      ? { ...call, op: "Identity", inputs: call.inputs.slice(0, 1) }
      : call,
  );
  expect(await failures(idle, { only })).toHaveLength(2);
});

test("a product that ignores its bias fails where a plan fuses", async () => {
  const fusing = mutant({
    entry: (entry) => ({
      ...entry,
      calls: entry.calls.map((call) =>
        call.op === "_FusedMatMul"
          ? { ...call, op: "BatchMatMul", inputs: call.inputs.slice(0, 2) }
          : call,
      ),
    }),
    device: ({ target }) => ({ target: { ...target, ops: [...target.ops, "_FusedMatMul"] } }),
  });
  const [found] = await failures(fusing, { only: "_FusedMatMul" });
  expect(found).toMatch(/made of product and bias: value/);
  expect(found).not.toMatch(/not made where/);
});

test("parameters that an optimizer leaves where they are fail", async () => {
  const wrong = mutant({
    entry: (entry) => ({ ...entry, calls: entry.calls.filter(({ op }) => op !== "Map") }),
  });
  expect((await failures(wrong, { only: "mlp-tuned: 3" })).join()).toMatch(/does not move/);
});

test("a write that keeps the caller's array fails", async () => {
  const wrong = mutant({
    executable: (inner) => {
      const late: (() => void)[] = [];
      return {
        write: (buffer, data) => void late.push(() => inner.write(buffer, data)),
        run: (entry, range) => {
          for (const write of late.splice(0)) write();
          inner.run(entry, range);
        },
      };
    },
  });
  expect(await failures(wrong, { only: "caller's own" })).toHaveLength(1);
});

test("steps that all see one number fail", async () => {
  const wrong = mutant({
    executable: (inner) => ({
      run: (entry, { first, steps }) => {
        for (let step = 0; step < steps; step++) inner.run(entry, { first, steps: 1 });
      },
    }),
  });
  expect(await failures(wrong, { only: "a range of steps" })).toHaveLength(1);
});

test("memory that grows with the steps fails, and so does memory that is never free", async () => {
  let runs = 0;
  const growing = mutant({
    executable: (inner) => ({
      run: (entry, range) => {
        runs++;
        inner.run(entry, range);
      },
    }),
    device: () => ({ memory: async () => ({ bytes: 1000 + runs, allocations: 1 }) }),
  });
  expect(await failures(growing, { only: "2,000 steps" })).toHaveLength(1);
  const kept = mutant({ executable: () => ({ dispose: () => {} }) });
  expect(await failures(kept, { only: "free again" })).toHaveLength(1);
});

test("a backend that refuses by another kind of error, or not at all, fails", async () => {
  const only = /OutOfMemory|LacksOp/;
  const angry = (error: unknown) => {
    throw new HoneError("BadArgument", "mutant", `${error}`);
  };
  const otherKind = mutant({
    executable: (inner) => ({ prepare: (entry) => inner.prepare(entry).catch(angry) }),
  });
  expect((await failures(otherKind, { only })).join()).toMatch(
    /not of kind OutOfMemory.*not of kind LacksOp/s,
  );
  const careless = mutant({ executable: () => ({ prepare: async () => {} }) });
  expect((await failures(careless, { only })).join()).toMatch(
    /a block of a byte more is not told.*an unknown op is not told/s,
  );
});

test("a backend that lacks an op fails, unless it may", async () => {
  const lacking = mutant({
    device: ({ target }) => ({
      target: {
        ...target,
        ops: target.ops.filter((op) => op !== "AvgPool" && op !== "AvgPoolGrad"),
      },
    }),
  });
  const only = /every op|^AvgPool /;
  expect(await failures(lacking, { only })).toHaveLength(2);
  expect(await failures(lacking, { only, mayLack: ["AvgPool", "AvgPoolGrad"] })).toEqual([]);
});

test("what a backend may lack is left out where it is needed, and only there", async () => {
  const lacking = (lost: readonly string[]) =>
    mutant({
      device: ({ target }) => ({
        target: { ...target, ops: target.ops.filter((op) => !lost.includes(op)) },
      }),
    });
  const results = [];
  const only = /^(Conv2D|Conv2DBackpropFilter|MaxPool) agrees|^cnn: 3|^mlp: 3|dispose$/;
  const options = { only, mayLack: ["Conv2DBackpropFilter"] };
  for await (const result of runConformance(lacking(options.mayLack), options)) {
    expect(result.ok).toBe(true);
    results.push(`${result.leftOut ? "left out" : "checked"}: ${result.name.split(/[ :]/)[0]}`);
    if (result.name.startsWith("cnn: ")) {
      expect(result.message).toBe("cnn is refused: the device lacks Conv2DBackpropFilter");
    }
    if (result.name.startsWith("Conv2D ")) expect(result.message).toMatch(/0 cases and 16 grad/);
  }
  expect(results).toEqual([
    "checked: Conv2D",
    "left out: Conv2DBackpropFilter",
    "checked: MaxPool",
    "checked: what",
    "left out: cnn",
    "checked: mlp",
  ]);
  const more = lacking(["Conv2DBackpropFilter", "MaxPoolGrad"]);
  expect((await failures(more, { ...options, only: /^cnn: 3/ })).join()).toMatch(
    /the device lacks Conv2DBackpropFilter, MaxPoolGrad/,
  );
});

test("a value that differs fails, though its gradient may be lacking", async () => {
  const wrong = mutant({
    entry: (entry) => ({
      ...entry,
      calls: entry.calls.map((call) => {
        const strides = call.attributes.strides as readonly number[];
        return call.op === "Conv2D"
          ? { ...call, attributes: { ...call.attributes, padding: [0, 0, 0, 1], strides } }
          : call;
      }),
    }),
    device: ({ target }) => ({
      target: { ...target, ops: target.ops.filter((op) => op !== "Conv2DBackpropFilter") },
    }),
  });
  const options = { only: /^Conv2D agrees/, mayLack: ["Conv2DBackpropFilter"] };
  expect((await failures(wrong, options)).join()).toMatch(/Conv2D .*: value/);
});

test("a case is timed", async () => {
  const device = await cpu({ worker: false }).open();
  const product = opCases.find(({ name }) => name === "of tile sizes");
  if (!product) throw new Error("the case is gone");
  const { microseconds, gflops, runs } = await timeCase(device, product, 10);
  expect(runs).toBeGreaterThan(1);
  expect(gflops * microseconds * 1e3).toBeCloseTo(2 * 64 * 32 * 64, 0);
  await device.close();
});
