import { cpu } from "@hone/cpu";
import { expect, test } from "vitest";
import type { Backend, Device, DeviceInfo } from "./backend.js";
import { compile } from "./compile.js";
import { fastest } from "./fastest.js";
import { sgd } from "./graph/optimizer.js";
import { mlp } from "./models/index.js";
import { memoryStore } from "./pick/choice-cache.js";
import { type Sabotage, sabotaged, tanhForRelu, transposedWeight } from "./pick/test/sabotage.js";
import { pickFastest } from "./pick.js";
import type { PlainDataset } from "./run/dataset.js";
import type { TrainingRecord } from "./run/records.js";

const right = cpu({ worker: false });
const fresh = { store: false } as const;
const model = mlp({ units: [24, 12], seed: 3 });
const sleep = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** The same answers; each step takes so much longer. */
const slowSteps = (milliseconds: number): Sabotage => ({
  executable: (inner) => {
    let steps = 0;
    const rest = async () => {
      const waited = steps * milliseconds;
      steps = 0;
      if (waited > 0) await sleep(waited);
    };
    return {
      run: (entry, range) => {
        steps += range.steps;
        inner.run(entry, range);
      },
      sync: () => rest().then(() => inner.sync()),
      read: (names) => rest().then(() => inner.read(names)),
    };
  },
});

const infoOf = (name: string, kind: DeviceInfo["kind"]) => ({
  backend: name,
  description: `the ${name} one`,
  kind,
});

/** Opens late, and counts what is open. */
function watched(name: string, kind: DeviceInfo["kind"], change: Sabotage = {}, opensAfterMs = 0) {
  const count = { opened: 0, closed: 0 };
  const named = sabotaged(right, name, {
    ...change,
    device: (inner) => ({
      info: { ...inner.info, ...infoOf(name, kind) },
      close: async () => {
        count.closed++;
        await inner.close();
      },
    }),
  });
  const backend: Backend = {
    ...named,
    probe: async () => {
      const probe = await right.probe();
      return probe.ok ? { ...probe, info: { ...probe.info, ...infoOf(name, kind) } } : probe;
    },
    open: async () => {
      count.opened++;
      await sleep(opensAfterMs);
      return named.open();
    },
  };
  return { backend, count };
}

const hanging: Backend = {
  ...watched("hanging", "wasm").backend,
  open: () => new Promise<Device>(() => undefined),
};

const rows = 640;
const dataset: PlainDataset = {
  name: "noise",
  rows,
  columns: {
    x: {
      data: Uint8Array.from({ length: rows * 784 }, (_, at) => (at * 7919) % 251),
      shape: [28, 28],
      scale: 1 / 255,
      offset: 0,
    },
    y: {
      data: Uint8Array.from({ length: rows }, (_, at) => at % 10),
      shape: [],
      scale: 1,
      offset: 0,
    },
  },
};

async function movesOf(records: AsyncIterable<TrainingRecord>) {
  const moves = [];
  for await (const record of records) if (record.kind === "moved") moves.push(record);
  return moves;
}

test("the first that is ready and right is given; one that opens late delays nobody", async () => {
  const quick = watched("quick", "wasm");
  const late = watched("late", "software-gpu", {}, 60_000);
  const device = await fastest([late.backend, quick.backend], { for: model, ...fresh });
  expect(device.info.backend).toBe("quick");
  expect(device.why).toMatch(
    /^quick \(the quick one\): the first that was ready and right, after .*s; late not needed: it is measured beside/,
  );
  expect(device.backends.map(({ name }) => name)).toEqual(["quick", "late"]);
  await device.close();
  await device.settled;
  expect(quick.count).toEqual({ opened: 1, closed: 1 });
});

test("a training moves to the faster one between two steps, told with the figures, and its bits stay", async () => {
  const slow = watched("slow", "wasm", slowSteps(12));
  const fast = watched("fast", "software-gpu");
  const store = memoryStore();
  const options = { for: model, optimizer: sgd(0.01), store };
  const device = await fastest([slow.backend, fast.backend], options);
  expect(device.info.backend).toBe("slow");
  const session = await compile(model, { device, optimizer: sgd(0.01), seed: 5 });
  const training = { epochs: 100, batchSize: 64 };
  const [moved, ...more] = await movesOf(session.steps(dataset, training));
  expect(moved).toMatchObject({ from: "the slow one", to: "the fast one", sameArithmetic: true });
  expect(moved?.reason).toMatch(
    /^fast takes .* a step, slow .* ms: .* s less for the \d+ steps that are left, the move counted in$/,
  );
  expect(more).toEqual([]);
  expect(moved?.step).toBeGreaterThan(0);
  await device.settled;
  expect(device.candidates.map(({ name, outcome }) => [name, outcome])).toEqual([
    ["fast", "chosen"],
    ["slow", "slower"],
  ]);

  const alone = await compile(model, {
    device: await right.open(),
    optimizer: sgd(0.01),
    seed: 5,
  });
  await alone.fit(dataset, training);
  expect(await session.weights()).toEqual(await alone.weights());

  // What was found is kept, under the key of `pickFastest`: the next one begins there.
  for (const choose of [fastest, pickFastest]) {
    const again = await choose([slow.backend, fast.backend], options);
    expect(again.info.backend).toBe("fast");
    expect(again.why).toContain("ago");
    await again.close();
  }
  session.close();
  await device.close();
  expect(slow.count).toEqual({ opened: 1, closed: 1 });
  expect(fast.count).toEqual({ opened: 3, closed: 3 });
}, 60_000);

test("a slower one is measured, told, closed, and not moved to", async () => {
  const good = watched("good", "wasm", slowSteps(8));
  const bad = watched("bad", "software-gpu", slowSteps(40));
  const device = await fastest([bad.backend, good.backend], { for: model, ...fresh });
  const session = await compile(model, { device });
  const records = session.steps(dataset, { epochs: 100 });
  const look = (async () => movesOf(records))();
  await device.settled;
  expect(device.candidates).toMatchObject([
    { name: "good", outcome: "chosen" },
    { name: "bad", outcome: /slower|dropped/.exec(device.candidates[1]?.outcome ?? "")?.[0] },
  ]);
  expect(bad.count).toEqual({ opened: 1, closed: 1 });
  await records.return(undefined);
  expect(await look).toEqual([]);
  await device.close();
}, 60_000);

test("of little work nothing is given away: nobody else is opened", async () => {
  const first = watched("first", "wasm", slowSteps(1));
  const other = watched("other", "software-gpu");
  const device = await fastest([first.backend, other.backend], { for: model, ...fresh });
  const session = await compile(model, { device });
  await session.fit(dataset, { epochs: 3 });
  await session.evaluate(dataset);
  expect(other.count.opened).toBe(0);
  await device.close();
});

test("one that computes wrong on this very program is left, whatever its pace", async () => {
  const wrong = watched("wrong", "wasm", {
    ...slowSteps(12),
    ...tanhForRelu([64, 24]),
  });
  const honest = watched("honest", "cpu", slowSteps(12));
  const device = await fastest([wrong.backend, honest.backend], {
    for: model,
    ...fresh,
    // Else a busy machine may leave the other one no time to get ready.
    budgetMs: 60_000,
  });
  const session = await compile(model, { device });
  const moves = session.steps(dataset, { epochs: 100_000 });
  for await (const record of moves) {
    if (record.kind !== "moved") continue;
    expect(record.reason).toMatch(/^wrong computes wrong: the first step of this program: /);
    break;
  }
  expect(session.device.info.backend).toBe("honest");
  await device.close();
}, 60_000);

test("a session of predictions moves as well", async () => {
  const slow = watched("slow", "wasm", slowSteps(15));
  const fast = watched("fast", "software-gpu");
  const options = { for: model, mode: "predict", ...fresh } as const;
  const device = await fastest([slow.backend, fast.backend], options);
  const session = await compile(model, { device });
  const row = new Float32Array(784).fill(0.5);
  const before = await session.predict(row);
  await device.settled;
  await session.predict(row);
  await expect.poll(() => session.device.info.backend).toBe("fast");
  expect((await session.predict(row)).data).toEqual(before.data);
  await device.close();
});

test("a wrong one and one that hangs hold nobody up", async () => {
  const wrong = watched("wrong", "gpu", transposedWeight);
  const good = watched("good", "cpu");
  const device = await fastest([hanging, wrong.backend, good.backend], { for: model, ...fresh });
  expect(device.info.backend).toBe("good");
  expect(device.candidates.find(({ name }) => name === "wrong")?.outcome).toBe("refused");
  await device.close();
  expect(wrong.count).toEqual({ opened: 1, closed: 1 });
});

test("the budget bounds opening and trial too, and the error tells who was at what", async () => {
  for (const options of [{ for: model, ...fresh }, {}]) {
    for (const choose of [fastest, pickFastest]) {
      await expect(choose([hanging], { ...options, budgetMs: 200 })).rejects.toMatchObject({
        kind: "BackendUnavailable",
        message: expect.stringMatching(
          /none of 1 backends was ready within 200 ms\. hanging dropped: .*still opening\. Give more budgetMs/,
        ),
      });
    }
  }
});

test("where nothing is left of the budget the others stay unmeasured", async () => {
  const first = watched("first", "wasm", slowSteps(8));
  const other = watched("other", "software-gpu", {}, 3000);
  const options = { for: model, budgetMs: 2500, ...fresh };
  const device = await fastest([first.backend, other.backend], options);
  const session = await compile(model, { device });
  const records = session.steps(dataset, { epochs: 100 });
  const look = movesOf(records);
  await device.settled;
  expect(device.candidates.find(({ name }) => name === "other")?.outcome).toBe("dropped");
  await records.return(undefined);
  expect(await look).toEqual([]);
  await device.close();
  await expect.poll(() => other.count).toEqual({ opened: 1, closed: 1 });
}, 60_000);

test.each([
  ["fastest", fastest],
  ["pickFastest", pickFastest],
] as const)("%s ends at a signal, and leaves nothing open", async (where, choose) => {
  for (const options of [{ for: model, ...fresh }, {}]) {
    const one = watched("one", "wasm", {}, 50);
    const two = watched("two", "cpu", {}, 50);
    const controller = new AbortController();
    const choosing = choose([one.backend, two.backend], { ...options, signal: controller.signal });
    await expect.poll(() => one.count.opened).toBe(1);
    controller.abort("no longer wanted");
    await expect(choosing).rejects.toMatchObject({ kind: "Aborted", cause: "no longer wanted" });
    await expect.poll(() => one.count.closed).toBe(one.count.opened);
    await expect.poll(() => two.count.closed).toBe(two.count.opened);
    const late = choose([one.backend], { ...options, signal: controller.signal });
    await expect(late).rejects.toThrow(`[hone] ${where}: stopped on request.`);
  }
});

test("a device that is closed at once closes what is measured beside", async () => {
  const first = watched("first", "wasm", slowSteps(12));
  const other = watched("other", "software-gpu", {}, 300);
  {
    await using device = await fastest([first.backend, other.backend], { for: model, ...fresh });
    const session = await compile(model, { device });
    for await (const _ of session.steps(dataset, { epochs: 100 })) {
      if (other.count.opened > 0) break;
    }
  }
  expect([first.count, other.count]).toEqual([
    { opened: 1, closed: 1 },
    { opened: 1, closed: 1 },
  ]);
}, 60_000);

test("without a model the first that works is given, and the reason says so", async () => {
  const device = await fastest([watched("late", "wasm", {}, 100).backend, right]);
  expect(device.why).toMatch(
    /^late .*the first that was ready and right.*cpu not needed: no model/,
  );
  await device.close();
});

test("where plain JavaScript is all that is left, what would help is said once", async () => {
  const lacking: Backend = {
    ...right,
    name: "wasm",
    probe: async () => ({ ok: false, reason: "it is forbidden here", hint: "Allow it" }),
  };
  const said: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void said.push(text);
  try {
    for (const choose of [fastest, fastest]) {
      const device = await choose([lacking, right], { for: model, ...fresh });
      expect(device.hint).toBe(
        "plain JavaScript computes here, many times slower than what cannot be used. wasm refused: it is forbidden here (Allow it).",
      );
      await device.close();
    }
  } finally {
    console.warn = warn;
  }
  expect(said).toEqual([
    expect.stringMatching(/^\[hone\] fastest: plain JavaScript computes here/),
  ]);
});
