/** What plain JavaScript lets through is refused in words, by every public function, before anything runs. */
import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "./backend.js";
import { compile } from "./compile.js";
import { isHoneError } from "./errors.js";
import { adam } from "./graph/optimizer.js";
import { verifyDevice } from "./pick/verify-device.js";
import { pickFastest } from "./pick.js";
import { type Program, program } from "./program.js";
import { classNamesOf, columnOf, inputNames, labelNames, rowLength } from "./run/dataset.js";
import type { Session } from "./run/session.js";
import { randomNormal, randomUniform } from "./trace/random.js";

// biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript can call.
type Loose = any;
let device: Device;
let session: Session & Loose;
let one: Program<Loose> & Loose;
const weights = tf.variable(tf.ones([4, 1]), true, "w");
const call = ({ x }: { x: tf.Tensor }) => tf.mean(tf.matMul(x as Loose, weights as Loose));
const model = () => tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [4] })] });

beforeAll(async () => {
  await tf.setBackend("cpu");
  device = await cpu({ precision: 64, worker: false }).open();
  session = await compile(model(), { device, loss: "meanSquaredError" });
  one = await program({
    device,
    inputs: { x: [4] },
    functions: { fit: { minimize: call, variables: weights, optimizer: "sgd" } },
  });
});
afterAll(() => device.close());

const STRANGE: readonly (readonly [string, Loose])[] = [
  ["undefined", undefined],
  ["null", null],
  ["a number", 5],
  ["a text", "x"],
  ["an object", { foo: 1 }],
  ["a list of null", [null]],
  ["a function", () => 1],
];

const CALLS: Readonly<Record<string, (given: Loose) => Loose>> = {
  "pickFastest(it)": (given) => pickFastest(given),
  "pickFastest(model, it)": (given) => pickFastest(model() as Loose, given),
  "verifyDevice(it)": (given) => verifyDevice(given),
  "fit(() => it)": (given) => session.fit(() => given),
  "fit([it])": (given) => session.fit([given]),
  "setWeights(it)": (given) => session.setWeights(given),
  "setWeights([it, it])": (given) => session.setWeights([given, given]),
  "predict(it)": (given) => session.predict(given),
  "trainOnBatch(it)": (given) => session.trainOnBatch(given, [1]),
  "inputNames(it)": (given) => inputNames(given),
  "labelNames(it)": (given) => labelNames(given),
  "classNamesOf(it)": (given) => classNamesOf(given),
  "columnOf(it)": (given) => columnOf(given, "x"),
  "rowLength(it)": (given) => rowLength(given),
  "randomNormal(it)": (given) => randomNormal(given),
  "randomUniform(it)": (given) => randomUniform(given),
  "program({ functions: { fit: it } })": (given) => program({ device, functions: { fit: given } }),
  "program({ inputs: { x: it } })": (given) =>
    program({ device, inputs: { x: given }, functions: { fit: { compute: call } } }),
  "run(it)": (given) => one.run(given),
  "run(fit, { x: it })": (given) => one.run("fit", { x: given }),
  "setVariables(w, it)": (given) => one.setVariables(weights, given),
  "setVariables(w, [it])": (given) => one.setVariables(weights, [given]),
  "assign(w, it)": (given) => one.assign(weights, given),
};

test.each(Object.keys(CALLS))("%s says what it wants, whatever it is given", async (name) => {
  for (const [what, given] of STRANGE) {
    let error: Loose;
    try {
      await CALLS[name]?.(given);
    } catch (thrown) {
      error = thrown;
    }
    expect(isHoneError(error), `${what}: ${error?.stack}`).toBe(true);
    expect(error.message, what).not.toMatch(/\[object|=>|is not a function|Cannot read/);
  }
});

test("run of rows that are no object is refused, a function's name is told and not its source", async () => {
  await expect(one.run("fit", null)).rejects.toThrow(/"fit" is given null\. Give rows by input/);
  expect(() => adam((() => 1) as Loose)).toThrow(/learning rate is function \(anonymous\)/);
});

test("pickFastest refuses an option it does not know", async () => {
  const backends = [cpu()];
  await expect(pickFastest(backends, { epochs: 3 } as Loose)).rejects.toThrow(
    /pickFastest: there is no option "epochs"\. Give it to `fit`/,
  );
  await expect(pickFastest(backends, { model: model() } as Loose)).rejects.toThrow(/called `for`/);
});

test("an evaluation's signal must be one", async () => {
  const column = { data: new Float32Array(4), shape: [4], scale: 1, offset: 0 };
  const data = {
    name: "one",
    rows: 1,
    columns: { x: column, y: { ...column, data: Float32Array.of(1), shape: [1] } },
  };
  await expect(session.evaluate(data, { signal: {} })).rejects.toThrow(/signal is an object/);
});

test("weights of no output's rows are refused", async () => {
  const x = new Float32Array(4);
  await expect(session.trainOnBatch(x, [1], { sampleWeight: {} })).rejects.toThrow(
    /sampleWeight: it names no output/,
  );
});
