/** A training goes on from a checkpoint as if it had never stopped: bit for bit, from any moment. */
import { cpu } from "@hone/cpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { HoneError } from "../errors.js";
import { adam, rmsprop } from "../graph/optimizer.js";
import { RandomStream } from "../random.js";
import type { SessionCheckpoint } from "./checkpoint.js";
import type { TrainOptions } from "./fit-options.js";
import type { History, Moved } from "./records.js";
import { runMarkOf } from "./run-mark.js";
import { oneCycle } from "./schedule-makers.js";
import { Session } from "./session.js";
import { FEATURES, tinyData, tinyParts } from "./test/tiny-model.js";
import { isOver, type RunMark } from "./training-run.js";

let device: Device;
let other: Device;
beforeAll(async () => {
  device = await cpu({ worker: false }).open();
  other = await cpu({ worker: true }).open();
});
afterAll(() => Promise.all([device.close(), other.close()]));

const data = tinyData(150);
const SETTINGS = { optimizer: adam(0.02), dropout: 0.3, seed: 11 };

const begin = (on: Device, resume?: SessionCheckpoint) =>
  new Session({ ...tinyParts(on, SETTINGS), resume });

/** Weights, slots and figures: all but times. */
async function endOf(session: Session, history: History) {
  const { tensors, step, epochs } = await session.checkpoint();
  const { history: figures, stopped, epoch } = history;
  return { tensors, step, epochs, figures, stopped, epoch };
}

const OPTIONS: Readonly<Record<string, TrainOptions>> = {
  "plain epochs": { epochs: 3, batchSize: 16, progressMs: 0 },
  "a one-cycle schedule, validation and early stopping": {
    epochs: 6,
    batchSize: 16,
    progressMs: 0,
    validation: 0.2,
    learningRate: oneCycle({ peak: 0.05, epochs: 6 }),
    earlyStopping: { patience: 1, minDelta: 0.02 },
  },
  "early stopping on the training's own figures": {
    epochs: 6,
    batchSize: 32,
    progressMs: 0,
    learningRate: 1.5,
    earlyStopping: { monitor: "loss", patience: 2 },
  },
  "a validation data set": {
    epochs: 2,
    batchSize: 64,
    progressMs: 0,
    validation: tinyData(40, 9),
  },
};

describe.each(Object.entries(OPTIONS))("a training with %s", (_name, options) => {
  test("goes on from a checkpoint of any step to the same bits", async () => {
    const whole = begin(device);
    const checkpoints: SessionCheckpoint[] = [];
    for await (const record of whole.steps(data, options)) {
      checkpoints.push(await whole.checkpoint());
      if (record.kind === "epoch-end") checkpoints.push(await whole.checkpoint());
    }
    const expected = begin(device);
    const end = await endOf(expected, await expected.fit(data, options));
    expect(checkpoints.length).toBeGreaterThan(5);
    expect((await whole.checkpoint()).tensors).toEqual(end.tensors);
    for (const [index, checkpoint] of checkpoints.entries()) {
      const resumed = begin(index % 2 === 0 ? device : other, structuredClone(checkpoint));
      // The last ones are of a training that is over: nothing is left to do, and its figures are told.
      expect(await endOf(resumed, await resumed.fit(data, options))).toEqual(end);
      resumed.close();
    }
    whole.close();
    expected.close();
  });

  test("goes on after a break, and a break after that", async () => {
    const expected = begin(device);
    const end = await endOf(expected, await expected.fit(data, options));
    const session = begin(device);
    const random = new RandomStream(5, 5);
    let breaks = 0;
    for (let isDone = false; !isDone; ) {
      const last = 1 + random.nextInteger(4);
      let seen = 0;
      isDone = true;
      const resume = breaks > 0;
      for await (const _record of session.steps(data, { ...options, resume })) {
        if (++seen < last) continue;
        breaks++;
        isDone = isOver(runMarkOf(await session.checkpoint()) as RunMark);
        break;
      }
    }
    expect(breaks).toBeGreaterThan(2);
    expect((await session.checkpoint()).tensors).toEqual(end.tensors);
    session.close();
    expected.close();
  });
});

test("an abort leaves a training that can be gone on with", async () => {
  const options = { epochs: 4, batchSize: 16, progressMs: 0 };
  const expected = begin(device);
  const end = await endOf(expected, await expected.fit(data, options));
  const session = begin(device);
  const abort = new AbortController();
  let seen = 0;
  const onRecord = () => {
    if (++seen === 7) abort.abort();
  };
  const aborted = session.fit(data, { ...options, signal: abort.signal, onRecord });
  await expect(aborted).rejects.toMatchObject({ kind: "Aborted" });
  expect(session.step).toBeLessThan(end.step);
  expect(await endOf(session, await session.fit(data, { resume: true }))).toEqual(end);
  await expect(session.fit(data, { resume: true })).rejects.toThrow(
    "[hone] resume: no training was left in the middle. Leave it out for a new one.",
  );
  session.close();
});

test("steps on single batches go on where a checkpoint left them", async () => {
  const rows = (index: number) => {
    const { x, y } = tinyData(8, 50 + index).columns as Record<"x" | "y", { data: Float32Array }>;
    return [{ data: x.data, shape: [8, FEATURES] }, Int32Array.from(y.data)] as const;
  };
  const expected = begin(device);
  const checkpoints: SessionCheckpoint[] = [];
  for (let index = 0; index < 9; index++) {
    await expected.trainOnBatch(...rows(index));
    checkpoints.push(await expected.checkpoint());
  }
  const end = checkpoints.at(-1) as SessionCheckpoint;
  const resumed = begin(other, checkpoints[3]);
  for (let index = 4; index < 9; index++) await resumed.trainOnBatch(...rows(index));
  expect((await resumed.checkpoint()).tensors).toEqual(end.tensors);
  resumed.close();
  expected.close();
});

describe("a stream", () => {
  const batches = async function* () {
    for (let at = 0; at < 11; at++) {
      const part = tinyData(at === 7 ? 9 : 12, 300 + at);
      if (at % 4 === 3) yield part;
      else {
        const { x, y } = part.columns as Record<"x" | "y", { data: Float32Array }>;
        yield { x: { data: x.data, shape: [part.rows, FEATURES] }, y: Int32Array.from(y.data) };
      }
    }
  };
  test.each([
    ["that begins anew in each epoch", {}],
    ["of so many batches an epoch", { batchesPerEpoch: 3, epochs: 3 }],
  ])("%s goes on from any checkpoint to the same bits", async (_name, more) => {
    const options = { epochs: 2, batchSize: 5, progressMs: 0, ...more };
    const whole = begin(device);
    const checkpoints: SessionCheckpoint[] = [];
    for await (const _record of whole.steps(batches, options)) {
      checkpoints.push(await whole.checkpoint());
    }
    const expected = begin(device);
    const end = await endOf(expected, await expected.fit(batches, options));
    expect(checkpoints.length).toBeGreaterThan(5);
    for (const checkpoint of checkpoints.slice(0, -1)) {
      const resumed = begin(other, checkpoint);
      expect(await endOf(resumed, await resumed.fit(batches, options))).toEqual(end);
      resumed.close();
    }
    whole.close();
    expected.close();
  });
});

test("a checkpoint of other data, another model, optimizer, seed or options is refused by name", async () => {
  const session = begin(device);
  for await (const _record of session.steps(data, { epochs: 2, batchSize: 16, progressMs: 0 }))
    break;
  const checkpoint = await session.checkpoint();
  const refusal = async (parts: Partial<Parameters<typeof tinyParts>[1]>, change: object = {}) => {
    try {
      new Session({
        ...tinyParts(device, { ...SETTINGS, ...parts }),
        resume: { ...checkpoint, ...change },
      });
    } catch (error) {
      return (error as Error).message;
    }
    return "taken";
  };
  expect(await refusal({})).toBe("taken");
  expect(await refusal({ seed: 4 })).toBe(
    "[hone] resume: the seed is 4, and 11 in the checkpoint. Leave it out, or give that one.",
  );
  expect(await refusal({ optimizer: rmsprop() })).toMatch(/^\[hone\] resume: the optimizer is /);
  expect(await refusal({ dropout: 0.4 })).toMatch(/layers, losses or metrics are not those/);
  const { "parameter:0": _gone, ...tensors } = checkpoint.tensors;
  expect(await refusal({}, { tensors })).toMatch(
    /weight "weight0" is \[6,8\], and not there in the checkpoint/,
  );
  const altered = (name: string, shape: readonly number[]) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const data = new Float32Array(size);
    return { tensors: { ...checkpoint.tensors, [name]: { shape, data } } };
  };
  expect(await refusal({}, altered("slot.m:parameter:0", [6, 4]))).toMatch(
    /tensor "slot\.m:parameter:0" of the checkpoint is \[6,4\], and weight "weight0" is \[6,8\]/,
  );
  expect(await refusal({}, altered("best/parameter:9", [3]))).toMatch(/no weight goes with it/);
  expect(await refusal({}, altered("sums", [7]))).toMatch(/its figures are not those/);
  const trained = (options: TrainOptions, on = data) => begin(device, checkpoint).fit(on, options);
  await expect(trained({ batchSize: 32 })).rejects.toThrow(
    /^\[hone\] batchSize: the training to go on/,
  );
  await expect(trained({ learningRate: 1 })).rejects.toThrow(/^\[hone\] learningRate: /);
  await expect(trained({}, tinyData(150, 77))).rejects.toThrow(
    /the data set \(150 rows\) is not the one the training began with/,
  );
  const longer = await trained({ epochs: 3 });
  expect(longer.epoch).toEqual([1, 2, 3]);
  const anew = await trained({ epochs: 1, batchSize: 75, resume: false });
  expect(anew.steps).toBe(2);
  session.close();
});

test("a function as a schedule trains, and is refused in a checkpoint with words", async () => {
  const session = begin(device);
  const options = { epochs: 2, batchSize: 16, progressMs: 0, learningRate: () => 0.01 };
  for await (const _record of session.steps(data, options)) {
    await expect(session.checkpoint()).rejects.toThrow(
      /the learning rate is a function, which a checkpoint cannot hold\. Give a schedule/,
    );
    break;
  }
  const to = { save: async () => undefined };
  await expect(session.fit(data, { ...options, checkpoints: { to } })).rejects.toThrow(
    /^\[hone\] checkpoints: the learning rate is a function, which no checkpoint can hold/,
  );
  // The session itself knows the function.
  const history = await session.fit(data, { resume: true });
  expect(history.epoch).toEqual([1, 2]);
  expect((await session.checkpoint()).training).toBeUndefined();
  session.close();
});

describe("moving", () => {
  test("between steps gives the same bits on the same arithmetic, and says so", async () => {
    const options = { epochs: 3, batchSize: 16, progressMs: 0, validation: 0.2 };
    const expected = begin(device);
    const end = await endOf(expected, await expected.fit(data, options));
    const session = begin(device);
    const places = [other, device];
    let moves = 0;
    let told = 0;
    const history = await session.fit(data, {
      ...options,
      onRecord: (record) => {
        if (record.kind === "moved") told++;
        else if (moves < 8) void session.moveTo(places[moves++ % 2] as Device);
      },
    });
    expect(told).toBeGreaterThan(3);
    expect(await endOf(session, history)).toEqual(end);
    session.close();
    expected.close();
  });

  test("that fails leaves the training where it is", async () => {
    const session = begin(device);
    const gone = Object.assign(Object.create(other), {
      local: () => Promise.reject(new HoneError("DeviceLost", "other", "it went away.")),
    }) as Device;
    const failing = new Session({
      ...tinyParts(device, SETTINGS),
      localOf: async (on) => on.local?.(),
    });
    let asked: Promise<unknown> | undefined;
    const options = { epochs: 2, batchSize: 16, progressMs: 0 };
    const history = await failing.fit(data, {
      ...options,
      onRecord: () => {
        asked ??= failing.moveTo(gone);
        asked.catch(() => undefined);
      },
    });
    await expect(asked).rejects.toThrow(/it went away/);
    expect(failing.device).toBe(device);
    expect(history.history).toEqual((await session.fit(data, options)).history);
    for (const one of [session, failing]) one.close();
  });

  test("is asked for twice in a row, and each time told from where to where", async () => {
    const session = begin(device);
    const moves: Promise<Moved>[] = [];
    const told: Moved[] = [];
    let records = 0;
    await session.fit(data, {
      epochs: 2,
      batchSize: 16,
      progressMs: 0,
      onRecord: (record) => {
        if (record.kind === "moved") told.push(record);
        if (++records === 3) moves.push(session.moveTo(other), session.moveTo(device));
      },
    });
    expect(told).toEqual(await Promise.all(moves));
    const [away, back] = [device, other].map(({ info }) => info.description);
    expect(told).toMatchObject([
      { from: away, to: back },
      { from: back, to: away },
    ]);
    session.close();
  });

  test("is awaited inside of the loop as well, and tells from where to where", async () => {
    const session = begin(device);
    const records = [];
    for await (const record of session.steps(data, { epochs: 2, batchSize: 16, progressMs: 0 })) {
      records.push(record);
      if (records.length !== 3) continue;
      const moved = await session.moveTo(other);
      expect(moved).toMatchObject({ kind: "moved", sameArithmetic: true, reason: "asked for" });
      expect(session.device).toBe(other);
    }
    expect(records.filter(({ kind }) => kind === "moved")).toHaveLength(1);
    await session.predict(new Float32Array(FEATURES));
    await session.moveTo(device);
    expect(await session.weights()).toHaveLength(4);
    await expect(session.moveTo({} as Device)).rejects.toThrow(
      /^\[hone\] moveTo: it is given no device/,
    );
    session.close();
  });
});

test("failover asks each backend once where none of them can", async () => {
  const asked: string[] = [];
  const broken = (name: string) => ({
    ...cpu(),
    name,
    probe: async () => {
      asked.push(name);
      return { ok: false as const, reason: "not here", hint: "" };
    },
  });
  const failover = {
    options: { backends: [broken("a"), broken("b")] },
    verify: async () => ({ ok: true }) as const,
  };
  const lost = { ...device, info: device.info, target: device.target };
  const session = new Session({ ...tinyParts(lost, SETTINGS), failover });
  lost.load = async () => {
    throw Object.assign(new Error("[hone] cpu: gone."), { name: "HoneError", kind: "DeviceLost" });
  };
  await expect(session.predict(new Float32Array(FEATURES))).rejects.toThrow(
    /^\[hone\] failover: no backend is left\. cpu: cpu: gone\. a: not here\. b: not here\./,
  );
  expect(asked).toEqual(["a", "b"]);
  session.close();
});
