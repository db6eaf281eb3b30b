/** A saved model does without tfjs what the session did that has saved it: bit for bit, and it goes on training alike. */
import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "./backend.js";
import { compile } from "./compile.js";
import { adam, sgd } from "./graph/optimizer.js";
import { decodeSavedModel, encodeSavedModel } from "./io/saved-model-file.js";
import { openModel } from "./open-model.js";
import { pickFastest } from "./pick.js";
import { RandomStream } from "./random.js";
import type { Dataset } from "./run/dataset.js";
import { twoPorts, twoPortsData, worst } from "./run/test/two-ports.js";
import * as runtime from "./runtime.js";

let device: Device;
beforeAll(async () => {
  await tf.setBackend("cpu");
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());

const CLASSES = ["round", "square", "flat"];

/** What keeps statistics, draws random numbers, and holds a large constant. */
function network(): layers.Sequential {
  const seeded = (seed: number) => layers.initializers.glorotUniform({ seed });
  const model = layers.sequential({ name: "shapes" });
  model.add(
    layers.layers.conv2d({
      inputShape: [8, 8, 1],
      filters: 4,
      kernelSize: 3,
      activation: "relu",
      kernelInitializer: seeded(1),
    }),
  );
  model.add(layers.layers.batchNormalization());
  model.add(layers.layers.maxPooling2d({ poolSize: 2 }));
  model.add(layers.layers.flatten());
  model.add(layers.layers.dropout({ rate: 0.25 }));
  model.add(
    layers.layers.dense({
      units: 3,
      activation: "softmax",
      kernelInitializer: seeded(2),
      kernelRegularizer: layers.regularizers.l2(),
    }),
  );
  return model;
}

function shapes(rows: number, seed: number): Dataset {
  const random = new RandomStream(seed, 1);
  const y = Uint8Array.from({ length: rows }, () => random.nextInteger(3));
  const x = Uint8Array.from({ length: rows * 64 }, (_, at) =>
    Math.floor(random.nextFloat() * 120 + (at % 3 === y[Math.floor(at / 64)] ? 120 : 0)),
  );
  return {
    name: "shapes",
    rows,
    classNames: CLASSES,
    columns: {
      x: { data: x, shape: [8, 8, 1], scale: 1 / 255, offset: 0 },
      y: { data: y, shape: [], scale: 1, offset: 0 },
    },
  };
}

const data = shapes(90, 3);
const rows = shapes(7, 4).columns.x?.data as Uint8Array;

async function trained() {
  const session = await compile(network(), { device, optimizer: adam(0.01), seed: 5 });
  await session.fit(data, { epochs: 1, batchSize: 16 });
  return session;
}

test("it predicts, judges and trains on as the session that saved it", async () => {
  const first = await trained();
  const model = await openModel(await first.save());
  expect(model).toMatchObject({ name: "shapes", classNames: { [outputOf(model)]: CLASSES } });
  const second = await runtime.compile(model, { device });
  expect(await second.predict(rows)).toEqual(await first.predict(rows));
  expect(await second.evaluate(data)).toEqual(await first.evaluate(data));
  expect(second.step).toBe(first.step);
  const options = { epochs: 2, batchSize: 16 };
  const [one, other] = [await first.fit(data, options), await second.fit(data, options)];
  expect(other.history).toEqual(one.history);
  expect(await second.weights()).toEqual(await first.weights());
  // And once more, by way of the second.
  const third = await runtime.compile(await openModel(await second.save()), { device });
  expect(await third.weights()).toEqual(await first.weights());
  for (const session of [first, second, third]) session.close();
});

const outputOf = (model: runtime.SavedModel) => model.traced.outputs[0]?.name as string;

test("the same model gives the same bytes, and so does what was read", async () => {
  const session = await trained();
  const bytes = await session.save();
  expect(await session.save()).toEqual(bytes);
  expect(await encodeSavedModel(await decodeSavedModel(bytes))).toEqual(bytes);
  const saved = await session.saved();
  expect(await decodeSavedModel(bytes)).toEqual(saved);
  session.close();
});

test("several inputs and outputs, and losses that are functions, are kept", async () => {
  const loss = {
    age: (truth: tf.Tensor, output: tf.Tensor) => tf.abs(tf.sub(truth, output)),
    kind: "sparseCategoricalCrossentropy",
  };
  const first = await compile(twoPorts(), { device, loss, optimizer: sgd(0.05) });
  const set = twoPortsData(60);
  await first.fit(set, { epochs: 1 });
  const second = await runtime.compile(await openModel(await first.save()), { device });
  const one = await first.fit(set, { epochs: 2 });
  expect((await second.fit(set, { epochs: 2 })).history).toEqual(one.history);
  for (const session of [first, second]) session.close();
});

test("core's compile takes it as well, another optimizer begins anew, and its weights go into others", async () => {
  const first = await trained();
  const model = await first.saved({ name: "renamed", classNames: ["a", "b", "c"] });
  expect(model).toMatchObject({
    name: "renamed",
    classNames: { [outputOf(model)]: ["a", "b", "c"] },
  });
  const second = await compile(model, { device, optimizer: sgd(0.1) });
  expect(second.step).toBe(0);
  await second.fit(data, { epochs: 1 });
  await second.setWeights(model);
  expect(await second.weights()).toEqual(await first.weights());
  await expect(second.writeBack(model)).rejects.toThrow(/has no tf\.LayersModel/);
  await expect(compile(model, { device, loss: "mse" } as never)).rejects.toThrow(
    /no option "loss". A saved model has its own/,
  );
  await expect(first.saved({ classNames: { other: ["a"] } })).rejects.toThrow(
    /classNames: it names "other"\. The outputs are/,
  );
  for (const session of [first, second]) session.close();
});

test("a file of format 1 opens, and predicts, judges and trains on as it did then", async () => {
  const { readFile } = process.getBuiltinModule("node:fs/promises");
  const fixture = (name: string) =>
    new URL(`../../../fixtures/model-format-1.${name}`, import.meta.url);
  const told = JSON.parse(await readFile(fixture("json"), "utf8"));
  const model = await openModel(await readFile(fixture("hone")));
  expect(model.classNames).toEqual({ kind: ["round", "square", "größe"] });
  const session = await runtime.compile(model, { device });
  const count = 24;
  const image = Uint8Array.from({ length: count * 64 }, (_, at) => (at * 37) % 256);
  const place = Float32Array.from({ length: count * 2 }, (_, at) => Math.sin(at));
  const { byOutput } = await session.predict({ image, place });
  for (const name of ["kind", "age"]) {
    const found = byOutput[name]?.data as Float32Array;
    expect(worst(found, told[name])).toBeLessThan(1e-6);
  }
  const plain = { scale: 1, offset: 0 };
  const set = {
    name: "fixture",
    rows: count,
    labels: ["kind", "age"],
    columns: {
      image: { data: image, shape: [8, 8, 1], scale: 1 / 255, offset: 0 },
      place: { data: place, shape: [2], ...plain },
      kind: { data: Uint8Array.from({ length: count }, (_, at) => at % 3), shape: [], ...plain },
      age: {
        data: Float32Array.from({ length: count }, (_, at) => at / count),
        shape: [1],
        ...plain,
      },
    },
  };
  const { figures } = await session.evaluate(set);
  expect(Object.keys(figures)).toEqual(Object.keys(told.figures));
  expect(worst(Object.values(figures), Object.values(told.figures))).toBeLessThan(1e-5);
  const { history } = await session.fit(set, { epochs: 1, batchSize: 8 });
  for (const [name, [value]] of Object.entries<number[]>(told.history)) {
    expect(history[name]?.[0]).toBeCloseTo(value as number, 5);
  }
  session.close();
});

test("the fastest device is found for it, and a choice is kept for models like it", async () => {
  const session = await trained();
  const model = await session.saved();
  const kept = new Map<string, string>();
  const store = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const options = { for: model, mode: "predict", store } as const;
  const first = await runtime.pickFastest([cpu({ worker: false })], options);
  expect([...kept.keys()]).toHaveLength(1);
  const again = await pickFastest([cpu({ worker: false })], {
    ...options,
    for: await session.saved(),
  });
  expect(again.why).toMatch(/ago\)$/);
  const opened = await runtime.compile(model, { device: again });
  expect(await opened.predict(rows)).toEqual(await session.predict(rows));
  for (const one of [session, opened]) one.close();
  await Promise.all([first.close(), again.close()]);
});

test("it is saved in the middle of a training that a function decides, and closed for good", async () => {
  const session = await trained();
  for await (const _ of session.steps(data, {
    epochs: 3,
    learningRate: () => 0.01,
    progressMs: 0,
  })) {
    break;
  }
  const model = await openModel(await session.save());
  await expect(session.checkpoint()).rejects.toThrow(/the learning rate is a function/);
  session.close();
  for (const call of [
    () => session.checkpoint(),
    () => session.weights(),
    () => session.moveTo(device),
    () => session.predict(rows),
    () => session.fit(data),
  ]) {
    await expect(call()).rejects.toMatchObject({
      kind: "BadArgument",
      message: "[hone] session: it is closed. Compile the model again.",
    });
  }
  await expect(runtime.compile(model, { device, seed: -1 })).rejects.toThrow(/seed: it is -1/);
  const odd = await runtime.compile(model, { device, optimizer: { kind: "x" } as never });
  await expect(odd.fit(data)).rejects.toThrow(/optimizer: "x" is none/);
  odd.close();
  const picking = { for: model, store: false } as const;
  await expect(pickFastest([cpu()], { ...picking, loss: "mse" })).rejects.toThrow(/its own loss/);
  const unknown = { ...model, state: { ...model.state, optimizer: { kind: "x" } as never } };
  await expect(pickFastest([cpu()], { ...picking, for: unknown })).rejects.toMatchObject({
    kind: "BadArgument",
  });
});

describe("a graph that no trace gives is refused", () => {
  type Inference = {
    tensors: { name?: string; role?: string; shape: unknown[] }[];
    nodes: object[];
  };
  /** The file with its inference graph changed, and its sums made right again. */
  const changed = async (change: (graph: Inference) => void): Promise<Uint8Array> => {
    const session = await trained();
    const bytes = await session.save();
    session.close();
    const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
    const fields = JSON.parse(header.__metadata__.fields);
    change(fields.traced.inference);
    const text = JSON.stringify(fields);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    header.__metadata__.fields = text;
    header.__metadata__["fields.sha256"] = Buffer.from(digest).toString("hex");
    const json = Buffer.from(JSON.stringify(header));
    const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, " ")]);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(padded.length));
    return new Uint8Array(Buffer.concat([length, padded, bytes.subarray(start)]));
  };
  const parameter = ({ tensors }: Inference) =>
    tensors.findIndex(({ role }) => role === "parameter");
  const state = ({ tensors }: Inference) =>
    tensors.findIndex(({ name }) => name?.startsWith("state:"));

  test.each<[string, (graph: Inference) => void]>([
    [
      "a Map that reads where it likes",
      (graph) => {
        const [first, ...others] = graph.nodes as { inputs: number[]; outputs: number[] }[];
        const node = { op: "Map", inputs: first?.inputs, outputs: first?.outputs };
        graph.nodes = [{ ...node, attributes: { code: "element 0 999999999" } }, ...others];
      },
    ],
    [
      "a prediction that moves statistics",
      (graph) => {
        const at = state(graph);
        graph.nodes.push({
          op: "AssignMovingAverage",
          inputs: [at, at],
          outputs: [at],
          attributes: { decay: 0.5 },
        });
      },
    ],
    [
      "a node that writes over a weight",
      (graph) => {
        const at = parameter(graph);
        graph.nodes.push({ op: "Identity", inputs: [at], outputs: [at], attributes: {} });
      },
    ],
    [
      "an extent that shrinks with the rows",
      (graph) => {
        graph.tensors.push({
          shape: [{ rows: [3, 1] }],
          role: "scratch",
          dtype: "float32",
        } as never);
        const at = graph.tensors.length - 1;
        const attributes = { shape: [{ rows: [3, 1] }], value: 0 };
        graph.nodes.push({ op: "Fill", inputs: [], outputs: [at], attributes });
      },
    ],
    [
      "a padding below zero",
      (graph) => {
        const at = parameter(graph);
        const shape = graph.tensors[at]?.shape as number[];
        graph.tensors.push({ shape, role: "scratch", dtype: "float32" } as never);
        const paddings = shape.flatMap((_, axis) => (axis === 0 ? [-200, 200] : [0, 0]));
        const attributes = { paddings, constantValue: 0 };
        const outputs = [graph.tensors.length - 1];
        graph.nodes.push({ op: "PadV2", inputs: [at], outputs, attributes });
      },
    ],
  ])("%s", async (_, change) => {
    await expect(openModel(await changed(change))).rejects.toMatchObject({ kind: "BadModelFile" });
    await openModel(await changed(() => undefined));
  });
});

describe("a model is opened", () => {
  test("from bytes, buffers, blobs, responses and addresses", async () => {
    const session = await trained();
    const bytes = await session.save();
    const expected = await session.saved();
    const inside = new Uint8Array(bytes.length + 5);
    inside.set(bytes, 5);
    for (const source of [
      inside.subarray(5),
      bytes.buffer,
      new Blob([bytes]),
      new Response(bytes),
      Promise.resolve(new Response(bytes)),
      `data:application/octet-stream;base64,${Buffer.from(bytes).toString("base64")}`,
    ]) {
      expect(await openModel(source)).toEqual(expected);
    }
    await expect(openModel("file:///nowhere/shapes.hone")).rejects.toMatchObject({
      kind: "BadModelFile",
      message: expect.stringMatching(/shapes\.hone: it could not be read .* give its bytes/),
    });
    await expect(openModel(new Response("", { status: 404 }))).rejects.toThrow(/answered 404/);
    const used = new Response(bytes);
    await used.arrayBuffer();
    for (const broken of [used, Promise.reject(new TypeError("fetch failed"))]) {
      await expect(openModel(broken)).rejects.toMatchObject({ kind: "BadModelFile" });
    }
    await expect(openModel(bytes, { sgnal: 1 } as never)).rejects.toThrow(/no option "sgnal"/);
    await expect(openModel(bytes, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: "Aborted",
    });
    expect(await decodeSavedModel(Buffer.from(bytes))).toEqual(expected);
    await expect(openModel(7 as never)).rejects.toMatchObject({ kind: "BadArgument" });
    session.close();
  });

  test("never where a byte of it was altered, or it was cut", async () => {
    const session = await trained();
    const bytes = await session.save();
    const random = new RandomStream(1, 2);
    for (let time = 0; time < 150; time++) {
      const altered = bytes.slice();
      const at = random.nextInteger(altered.length);
      altered[at] = (altered[at] as number) ^ (1 << random.nextInteger(8));
      await expect(openModel(altered)).rejects.toMatchObject({ kind: "BadModelFile" });
      const cut = bytes.slice(0, random.nextInteger(bytes.length));
      await expect(openModel(cut)).rejects.toMatchObject({ kind: "BadModelFile" });
    }
    session.close();
  });
});
