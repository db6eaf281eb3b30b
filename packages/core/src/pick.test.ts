import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import type { Backend, Device } from "./backend.js";
import { compile } from "./compile.js";
import { sgd } from "./graph/optimizer.js";
import { mlp } from "./models/index.js";
import { memoryStore } from "./pick/choice-cache.js";
import {
  hangsInSync,
  nanAtStepThree,
  neverUpdated,
  type Sabotage,
  sabotaged,
  tanhForRelu,
  throwsInLoad,
  transposedWeight,
  zeroedGradient,
} from "./pick/test/sabotage.js";
import { pickFastest } from "./pick.js";

const right = cpu({ worker: false });
const fresh = { store: false } as const;
/** Small, so that a race on the calling thread takes little time. */
const model = mlp({ units: [24, 12], seed: 3 });
const sleep = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** The same answers, later. */
const slowed = (milliseconds: number): Sabotage => ({
  executable: (inner) => ({
    sync: () => inner.sync().then(() => sleep(milliseconds)),
    read: (names) => sleep(milliseconds).then(() => inner.read(names)),
  }),
});

function counted(backend: Backend): { readonly backend: Backend; readonly opened: () => number } {
  let opened = 0;
  const open = () => {
    opened++;
    return backend.open();
  };
  return { backend: { ...backend, open }, opened: () => opened };
}

const outcomeOf = (device: Awaited<ReturnType<typeof pickFastest>>, name: string) =>
  device.candidates.find((candidate) => candidate.name === name);

test("the faster of two is chosen, the other closed, and the figures say why", async () => {
  const closed: string[] = [];
  const slow = sabotaged(right, "slow", {
    ...slowed(60),
    device: (inner) => ({
      close: () => {
        closed.push("slow");
        return inner.close();
      },
    }),
  });
  const device = await pickFastest([slow, right], { for: model, ...fresh });
  expect(device.info.backend).toBe("cpu");
  expect(device.why).toMatch(/^cpu \(.*\): .* a step after .* for 10,000 steps of 64; slow /);
  const [chosen, other] = device.candidates;
  expect(chosen).toMatchObject({ name: "cpu", outcome: "chosen" });
  const { openMs, compileMs, stepMs = Number.NaN, totalMs } = chosen?.figures ?? ({} as never);
  expect(totalMs).toBeCloseTo(openMs + compileMs + 10_000 * stepMs, 3);
  expect(other?.outcome).toMatch(/slower|dropped/);
  expect(closed).toEqual(["slow"]);
  await device.close();
});

test("the chosen device trains", async () => {
  const device = await pickFastest([right], { for: model, steps: 5, ...fresh });
  const session = await compile(model, { device });
  const x = new Float32Array(64 * 784).fill(0.5);
  const rows = (await session.predict({ data: x, shape: [64, 28, 28] })).shape;
  expect(rows).toEqual([64, 10]);
  session.close();
  await device.close();
});

test("with few steps the one that is ready sooner wins, though its steps are slower", async () => {
  const late: Backend = {
    ...sabotaged(right, "late", {}),
    open: async () => {
      await sleep(400);
      return sabotaged(right, "late", {}).open();
    },
  };
  const patient = sabotaged(right, "patient", slowed(12));
  const few = await pickFastest([late, patient], { for: model, steps: 3, ...fresh });
  expect(few.info.backend).toBe("patient");
  await few.close();
  const many = await pickFastest([late, patient], { for: model, steps: 100_000, ...fresh });
  expect(many.info.backend).toBe("late");
  await many.close();
});

test("who is not ready within the budget is dropped, with the stage it was at", async () => {
  const never: Backend = {
    ...right,
    name: "never",
    open: () => new Promise<Device>(() => undefined),
  };
  const device = await pickFastest([right, never], { for: model, budgetMs: 2000, ...fresh });
  expect(outcomeOf(device, "never")).toMatchObject({ outcome: "dropped" });
  expect(outcomeOf(device, "never")?.reason).toMatch(/still opening; all may take 2 s/);
  await device.close();
});

test.each<[string, Sabotage, RegExp]>([
  ["a zeroed gradient", zeroedGradient("BatchMatMul"), /tried on dense layers/],
  ["a transposed weight", transposedWeight, /tried on dense layers/],
  ["a bias never updated", neverUpdated("parameter:1"), /dense_1\/bias is never updated/],
  ["NaN at step 3", nanAtStepThree, /the loss of step 3 is NaN/],
  ["a throw in load", throwsInLoad, /out of registers/],
])(
  "%s is refused with its reason, though it would be the faster",
  async (_title, sabotage, reason) => {
    const wrong = sabotaged(right, "wrong", sabotage);
    const device = await pickFastest([wrong, sabotaged(right, "slow", slowed(2))], {
      for: model,
      ...fresh,
    });
    expect(device.info.backend).toBe("slow");
    expect(outcomeOf(device, "wrong")).toMatchObject({ outcome: "refused" });
    expect(outcomeOf(device, "wrong")?.reason).toMatch(reason);
    expect(device.why).toMatch(/wrong refused: /);
    await device.close();
  },
);

test("a hang in sync is not chosen and holds nobody up for long", async () => {
  const device = await pickFastest([sabotaged(right, "wrong", hangsInSync), right], {
    for: model,
    ...fresh,
  });
  expect(device.info.backend).toBe("cpu");
  expect(outcomeOf(device, "wrong")?.reason).toMatch(
    /sync has not ended after 5 s|still being tried on known answers/,
  );
  await device.close();
}, 20_000);

test("what goes wrong only in the user's own program is found there", async () => {
  const stuck = sabotaged(right, "stuck", neverUpdated("parameter:5"));
  const wrong = sabotaged(right, "wrong", tanhForRelu([64, 24]));
  const device = await pickFastest([stuck, wrong, right], { for: model, ...fresh });
  expect(device.info.backend).toBe("cpu");
  expect(outcomeOf(device, "stuck")?.reason).toMatch(/bias is never updated/);
  expect(outcomeOf(device, "wrong")?.reason).toMatch(
    /the first step of this program: disagrees with/,
  );
  await device.close();
});

test("alone, a device is still asked whether its gradient is the slope of its loss", async () => {
  const zeroed = sabotaged(right, "zeroed", {
    executable: (inner) => ({
      read: async (names) => {
        const read = await inner.read(names);
        // Only in the user's own program are there so many elements.
        return read.map((values, index) =>
          names[index]?.startsWith("gradient:") && values.length === 784 * 24
            ? values.map(() => 0)
            : values,
        );
      },
    }),
  });
  await expect(pickFastest([zeroed], { for: model, ...fresh })).rejects.toThrow(
    /dense.*\/kernel is zero everywhere, though the loss depends on it/,
  );
  const astray = pickFastest([right], { for: model, optimizer: sgd(1e30), ...fresh });
  await (await astray).close();
});

test("what is nothing but rounding speaks against nobody", async () => {
  // The gradient of a bias that a batch normalisation takes away again.
  const shifted = sequential({
    layers: [
      layers.conv2d({ filters: 6, kernelSize: 3, inputShape: [8, 8, 1] }),
      layers.batchNormalization({}),
      layers.flatten(),
      layers.dense({ units: 4, activation: "softmax" }),
    ],
  });
  const exact = sabotaged(cpu({ precision: 64 }), "exact", {});
  const device = await pickFastest([exact, right], { for: shifted, batchSize: 16, ...fresh });
  expect(device.candidates.map(({ outcome }) => outcome)).not.toContain("refused");
  await device.close();
});

test("word against word, the plainer arithmetic is believed", async () => {
  // Its forward pass and its gradient go together: no slope gives it away.
  // It is slow, so that no pause of the machine drops the other before it is heard.
  const halved = sabotaged(right, "halved", {
    ...slowed(5),
    entry: (entry) => ({
      ...entry,
      calls: entry.calls.map((call) =>
        call.op === "GatherRows" && call.outputs[0]?.shape.at(-1) === 28
          ? { ...call, attributes: { ...call.attributes, scale: 1 / 510 } }
          : call,
      ),
    }),
    device: (inner) => ({ info: { ...inner.info, kind: "gpu" } }),
  });
  const probe = async () => {
    const probed = await right.probe();
    return probed.ok ? { ...probed, info: { ...probed.info, kind: "gpu" as const } } : probed;
  };
  const device = await pickFastest([{ ...halved, probe }, right], { for: model, ...fresh });
  expect(device.info.backend).toBe("cpu");
  expect(outcomeOf(device, "halved")?.reason).toMatch(/disagrees with cpu: the loss is/);
  await device.close();
});

test("a backend of another version of the contract is refused unasked, and so is a choice of one", async () => {
  const probe = () => Promise.reject(new Error("asked"));
  const other = { ...right, name: "other", specVersion: 2, probe } as unknown as Backend;
  for (const options of [{}, { for: model, ...fresh }]) {
    const device = await pickFastest([other, right], options);
    expect(outcomeOf(device, "other")).toMatchObject({
      outcome: "refused",
      reason: "the backend speaks version 2 of the contract, this core version 1",
      hint: "Install the backend and @hone/core from one release.",
    });
    await device.close();
  }
});

test("a device that lacks an op of the program is refused by the op's name", async () => {
  const lacking = sabotaged(right, "lacking", {
    device: (inner) => ({
      target: { ...inner.target, ops: inner.target.ops.filter((op) => op !== "Dropout") },
    }),
  });
  const device = await pickFastest([lacking, right], { for: model, ...fresh });
  expect(outcomeOf(device, "lacking")).toMatchObject({
    outcome: "refused",
    reason: "it lacks Dropout",
  });
  await device.close();
  const forPredictions = await pickFastest([lacking], { for: model, mode: "predict", ...fresh });
  expect(forPredictions.candidates[0]?.figures?.stepMs).toBeGreaterThan(0);
  await forPredictions.close();
});

test("a choice is kept: the second call opens only the winner, and races nobody", async () => {
  const store = memoryStore();
  const winner = counted(right);
  const loser = counted(sabotaged(right, "slow", slowed(90)));
  const backends = [winner.backend, loser.backend];
  const first = await pickFastest(backends, { for: model, store });
  await first.close();
  const again = await pickFastest(backends, {
    for: mlp({ units: [24, 12], seed: 9 }),
    store,
  });
  expect(again.why).toContain("measured 1 s ago");
  expect(again.candidates).toEqual(first.candidates);
  const session = await compile(model, { device: again });
  const shape = [1, 28, 28];
  expect((await session.predict({ data: new Float32Array(784), shape })).shape).toEqual([1, 10]);
  await again.close();
  expect([winner.opened(), loser.opened()]).toEqual([2, 1]);

  for (const change of [{ for: mlp({ units: [24, 13] }) }, { steps: 7 }, { batchSize: 8 }]) {
    const other = await pickFastest([winner.backend], { for: model, store, ...change });
    expect(other.why).not.toContain("ago");
    await other.close();
  }
});

test("a kept choice that no longer opens is forgotten, and says so", async () => {
  const store = memoryStore();
  const device = await pickFastest([right], { for: model, store });
  await device.close();
  const broken: Backend = { ...right, open: () => Promise.reject(new Error("no memory left")) };
  const deferred = await pickFastest([broken], { for: model, store });
  const session = await compile(model, { device: deferred });
  await expect(session.predict(new Float32Array(784))).rejects.toThrow(/no memory left/);
  await deferred.close();
  await expect(pickFastest([broken], { for: model, store })).rejects.toThrow(
    /none of 1 backends works here\. cpu refused: no memory left/,
  );
});

test("without a model nothing is timed, and what computes wrong is refused all the same", async () => {
  const wrong = sabotaged(right, "wrong", zeroedGradient("Conv2DBackpropFilter"));
  const device = await pickFastest([wrong, right]);
  expect(device.info.backend).toBe("cpu");
  expect(device.why).toContain("by kind, since no model to time was given");
  await device.close();
});

test("a model that needs a loss says so before any device is opened", async () => {
  const plain = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
  const { backend, opened } = counted(right);
  await expect(pickFastest([backend], { for: plain, ...fresh })).rejects.toThrow(
    /its loss must be said/,
  );
  expect(opened()).toBe(0);
  const device = await pickFastest([backend], { for: plain, loss: "meanSquaredError", ...fresh });
  await device.close();
});

test("bad options are refused in words", async () => {
  await expect(pickFastest([], { for: model })).rejects.toThrow(/\[\] was given/);
  for (const none of [undefined, right, [], [right, undefined], ["wasm"], [cpu]] as never[]) {
    const words = {
      kind: "BadArgument",
      message: expect.stringMatching(/^\[hone\] pickFastest: .*Give a list/),
    };
    await expect(pickFastest(none)).rejects.toMatchObject(words);
    await expect(pickFastest(none, { for: model })).rejects.toMatchObject(words);
  }
  await expect(pickFastest([right], { for: model, batchSize: 0 })).rejects.toThrow(/batchSize/);
  await expect(pickFastest([right], { for: model, steps: 1.5 })).rejects.toThrow(/steps/);
  await expect(pickFastest([right], { for: model, budgetMs: -1 })).rejects.toThrow(/budgetMs/);
  const mode = "both" as "train";
  await expect(pickFastest([right], { for: model, mode })).rejects.toThrow(/mode/);
});
