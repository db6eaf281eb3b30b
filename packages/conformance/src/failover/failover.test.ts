/** Whatever breaks in the middle of a training, it ends on another backend as it would have ended in peace. */
import { checkpointIn, compile, type Device, type SessionCheckpoint } from "@hone/core";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { beforeAll, describe, expect, test } from "vitest";
import { type BreakWay, breakable } from "../testing.js";
import {
  classifier,
  dataOf,
  type Ended,
  moved,
  OPTIONS,
  rowsOf,
  trained,
  trainedThrough,
} from "./test/trained.js";

const MOMENTS = process.env.HONE_SOAK ? 30 : 1;
/** Long enough for any answer of so small a model. */
const patienceMs = 1500;

let reference: { readonly cpu: Ended; readonly wasm: Ended };
beforeAll(async () => {
  const inPeace = async (opening: Promise<Device>) => {
    const device = await opening;
    const ended = await trained(device, false);
    await device.close();
    return ended;
  };
  reference = {
    cpu: await inPeace(cpu({ worker: false }).open()),
    wasm: await inPeace(wasm({ threads: 1 }).open()),
  };
});

const momentOf = (index: number) => 2 + ((index * 37) % 60);

async function settles(workersLeft: () => number): Promise<void> {
  for (let tries = 0; tries < 50 && workersLeft() > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(workersLeft()).toBe(0);
}

const CPU_WAYS: readonly BreakWay[] = [
  "terminate worker",
  "spin worker",
  "mute worker",
  "throw in worker",
  "hang sync",
  "refuse allocation",
];
const WASM_WAYS: readonly BreakWay[] = [...CPU_WAYS, "trap wasm"];
const HELPER_WAYS: readonly BreakWay[] = ["trap helper", "end helper", "terminate helper"];

describe.each(CPU_WAYS)('a cpu device that breaks by "%s"', (how) => {
  test("hands its training on, to the same bits on the same arithmetic", async () => {
    for (let index = 0; index < MOMENTS; index++) {
      const backends = [cpu({ worker: false })];
      const ended = await trainedThrough(cpu(), how, momentOf(index), { backends, patienceMs });
      expect(ended.losses).toEqual(reference.cpu.losses);
      expect(ended.weights).toEqual(reference.cpu.weights);
      // Memory that is refused once all is made is not missed.
      if (how !== "refuse allocation")
        expect(ended.moves).toMatchObject([{ sameArithmetic: true }]);
      await settles(ended.workersLeft);
    }
  });
});

describe.each(WASM_WAYS)('a wasm device that breaks by "%s"', (how) => {
  test("hands its training on to cpu", async () => {
    for (let index = 0; index < MOMENTS; index++) {
      const backends = [cpu()];
      const ended = await trainedThrough(wasm({ threads: 1 }), how, momentOf(index + 3), {
        backends,
        patienceMs,
      });
      expect(Math.abs(ended.loss - reference.wasm.loss)).toBeLessThan(1e-3);
      if (how !== "refuse allocation") expect(ended.moves).toHaveLength(1);
      await settles(ended.workersLeft);
    }
  });
});

describe.each(HELPER_WAYS)('a wasm device of two threads that breaks by "%s"', (how) => {
  test("hands its training on to one of one thread, to the same bits", async () => {
    for (let index = 0; index < MOMENTS; index++) {
      const backends = [wasm({ threads: 1 })];
      const ended = await trainedThrough(wasm({ threads: 2 }), how, momentOf(index + 5), {
        backends,
        patienceMs,
      });
      expect(ended.weights).toEqual(reference.wasm.weights);
      await settles(ended.workersLeft);
    }
  });
});

test("a training that moves from wasm to cpu and back ends with the loss it would have had", async () => {
  const [here, there] = await Promise.all([wasm({ threads: 1 }).open(), cpu().open()]);
  for (let index = 0; index < MOMENTS; index++) {
    const ended = await moved(here, [there, here], 3 + ((index * 7) % 25));
    expect(ended.moves.map(({ sameArithmetic }) => sameArithmetic)).toEqual([false, false]);
    expect(Math.abs(ended.loss - reference.wasm.loss)).toBeLessThan(1e-3);
  }
  await Promise.all([here.close(), there.close()]);
});

test("a device that is lost is opened again where there is no other", async () => {
  const ended = await trainedThrough(cpu(), "terminate worker", 9, { backends: [cpu()] });
  expect(ended.weights).toEqual(reference.cpu.weights);
  expect(ended.moves).toHaveLength(1);
});

test("without a list DeviceLost carries the state, and a session goes on from it to the same bits", async () => {
  const { backend, breakNow } = breakable(cpu());
  const device = await backend.open();
  let seen = 0;
  const lost: unknown = await trained(device, false, () => {
    if (++seen === 20) breakNow("terminate worker");
  }).catch((error: unknown) => error);
  expect(String(lost)).toMatch(
    /DeviceLost|\[hone\] cpu: .* Its state after \d+ steps is kept: compile with `resume: checkpointIn\(error\)`/,
  );
  const resume = checkpointIn(lost) as SessionCheckpoint;
  expect(resume.step).toBeGreaterThan(0);
  const other = await cpu({ worker: false }).open();
  const session = await compile(await classifier(), {
    device: other,
    resume,
    loss: "sparseCategoricalCrossentropy",
  });
  const { history } = await session.fit(dataOf(), OPTIONS);
  expect(history.loss).toEqual(reference.cpu.losses);
  expect((await session.weights()).map(({ values }) => values)).toEqual(reference.cpu.weights);
  session.close();
  await other.close();
  await device.close();
});

test("predictions, evaluations, weights and single steps survive a lost device as well", async () => {
  const run = async (lossAt: number) => {
    const { backend, breakNow } = breakable(cpu());
    const device = await backend.open();
    const session = await compile(await classifier(), {
      device,
      loss: "sparseCategoricalCrossentropy",
      seed: 2,
      failover: [cpu({ worker: false })],
    });
    const found: unknown[] = [];
    const tasks = [
      ...Array.from({ length: 8 }, (_, index) => async () => {
        const { x, labels } = rowsOf(8, 40 + index);
        const { loss, step } = await session.trainOnBatch({ data: x, shape: [8, 12] }, labels);
        // The caller fills its arrays anew.
        x.fill(Number.NaN);
        return { loss, step };
      }),
      () => session.predict({ data: rowsOf(5, 9).x, shape: [5, 12] }),
      async () => (await session.evaluate(dataOf(50, 8))).figures,
      async () => (await session.weights()).map(({ values }) => values),
      () => session.setWeights([192, 16, 64, 4].map((size) => new Float32Array(size).fill(0.1))),
      () => session.predict({ data: rowsOf(3, 4).x, shape: [3, 12] }),
      async () => (await session.weights()).map(({ values }) => values),
    ];
    for (const [index, task] of tasks.entries()) {
      if (index === lossAt) breakNow("terminate worker");
      found.push(await task());
    }
    session.close();
    await device.close();
    return found;
  };
  const inPeace = await run(-1);
  for (const lossAt of [0, 3, 7, 8, 9, 10, 12, 13]) expect(await run(lossAt)).toEqual(inPeace);
});

describe("a device that begins to lie", () => {
  /** Of the same arithmetic, and by its name another one. */
  const other = { ...cpu(), name: "another cpu" };
  /** A cpu device whose reads are wrong from the moment it is told. */
  function lying() {
    let lies = false;
    let wrong: (values: Float32Array) => void = () => undefined;
    const right = cpu({ worker: false });
    const open = async (): Promise<Device> => {
      const device = await right.open();
      const { load } = device;
      return Object.assign(device, {
        load: async (program: Parameters<Device["load"]>[0]) => {
          const executable = await load.call(device, program);
          const { read } = executable;
          return Object.assign(executable, {
            read: async (names: readonly string[]) => {
              const found = await read.call(executable, names);
              if (lies) for (const values of found) wrong(values as Float32Array);
              return found;
            },
          });
        },
      });
    };
    return {
      open,
      lie: (how: typeof wrong) => {
        lies = true;
        wrong = how;
      },
    };
  }

  test("is found out by a look at known answers, and what it computed since is done again", async () => {
    const { open, lie } = lying();
    const device = await open();
    const failover = { backends: [other], watchMs: 0.001 };
    const tell = (count: number) => {
      if (count !== 3) return;
      lie((values) => {
        for (const [at, value] of values.entries()) values[at] = value * 1.02;
      });
    };
    // Chunks of many steps, since it is looked at after each.
    const ended = await trained(device, failover, tell, 10);
    expect(ended.moves).toHaveLength(1);
    expect(ended.moves[0]?.reason).toMatch(/it computes wrong by now: tried on/);
    expect(ended.losses).toEqual(reference.cpu.losses);
    expect(ended.weights).toEqual(reference.cpu.weights);
    await device.close();
  });

  test("is left where it gives NaN that another does not", async () => {
    const { open, lie } = lying();
    const device = await open();
    const ended = await trained(device, [other], (count) => {
      if (count === 15) lie((values) => values.fill(Number.NaN));
    });
    expect(ended.moves).toHaveLength(1);
    expect(ended.moves[0]?.reason).toMatch(/the loss is NaN/);
    expect(ended.weights).toEqual(reference.cpu.weights);
    await device.close();
  });

  test("is kept where the training itself diverges on every device", async () => {
    const device = await cpu({ worker: false }).open();
    const session = await compile(await classifier(), {
      device,
      loss: "sparseCategoricalCrossentropy",
      failover: [cpu()],
    });
    const learningRate = (step: number) => (step < 20 ? 0.01 : 1e38);
    await expect(
      session.fit(dataOf(), { epochs: 4, batchSize: 16, learningRate }),
    ).rejects.toMatchObject({ kind: "Diverged" });
    expect(session.device).toBe(device);
    for (const { values } of await session.weights())
      expect(values.every(Number.isFinite)).toBe(true);
    session.close();
    await device.close();
  });
});

test("a better device that was lost is taken again when it is back", async () => {
  const { backend, breakNow } = breakable(cpu());
  const device = await backend.open();
  let count = 0;
  const session = await compile(await classifier(), {
    device,
    loss: "sparseCategoricalCrossentropy",
    failover: { backends: [cpu(), wasm({ threads: 1 })], takeBackMs: 30 },
  });
  const moves: string[] = [];
  for await (const record of session.steps(dataOf(), {
    epochs: 400,
    batchSize: 16,
    progressMs: 0,
  })) {
    if (record.kind === "moved") moves.push(record.reason);
    if (++count === 5) breakNow("terminate worker");
    if (moves.length === 2) break;
  }
  expect(moves[1]).toBe("cpu is back");
  expect(session.device.info.backend).toBe("cpu");
  session.close();
  await device.close();
});
