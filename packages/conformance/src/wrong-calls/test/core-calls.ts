import * as hone from "@hone/core";
import * as io from "@hone/core/io";
import * as models from "@hone/core/models";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { type Call, calls, type Loose } from "./call.js";

const loose = hone as Loose;
const looseIo = io as Loose;
const looseModels = models as Loose;

const optimizerNames = [
  ...["sgd", "momentum", "adam", "adamW", "amsgrad", "adamax"],
  ...["adagrad", "adadelta", "rmsprop", "lion"],
];
const rates = (name: string) => (name === "constantRate" ? ["a number"] : []);

export const smallModel = () =>
  tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [4] })] }) as Loose;

/** Data, schedules, optimizers and what needs no session. */
export function pureCalls(): readonly Call[] {
  const column = { data: new Float32Array(8), shape: [4], scale: 1, offset: 0 };
  const labels = { data: new Float32Array(2), shape: [1], scale: 1, offset: 0 };
  const data = { name: "two", rows: 2, columns: { x: column, y: labels } };
  const schedules = [
    "constantRate",
    "stepDecay",
    "exponentialDecay",
    "cosineDecay",
    "warmUp",
    "oneCycle",
    "piecewise",
    "cyclic",
  ];
  return [
    // Questions that have an answer for whatever they are asked about.
    ...calls(
      {
        "isHoneError(it)": (it) => loose.isHoneError(it),
        "isHoneError(error, it)": (it) => loose.isHoneError(new Error(), it),
        "checkpointIn(it)": (it) => loose.checkpointIn(it),
        "isModelName(it)": (it) => looseModels.isModelName(it),
        "visibleText(it)": (it) => loose.visibleText(it),
        "visibleLines(it)": (it) => loose.visibleLines(it),
        "classNamesOf(data, it)": (it) => loose.classNamesOf(data, it),
      },
      "all",
    ),
    ...calls({
      "hasEnded(it)": (it) => loose.hasEnded(it),
      "columnOf(data, it)": (it) => loose.columnOf(data, it),
      "inputNames(it)": (it) => loose.inputNames(it),
      "labelNames(it)": (it) => loose.labelNames(it),
      "weightNames(it)": (it) => loose.weightNames(it),
      "classNamesOf(it)": (it) => loose.classNamesOf(it),
      "holdsWholeNumbers(it)": (it) => loose.holdsWholeNumbers(it),
      "isLabelColumn(it)": (it) => loose.isLabelColumn(it),
      "rowLength(it)": (it) => loose.rowLength(it),
      "soleInput(it)": (it) => loose.soleInput(it, "here"),
      "soleLabels(it)": (it) => loose.soleLabels(it, "here"),
      "split(it)": (it) => loose.split(it, 0.5),
      "split(data, it)": (it) => loose.split(data, it),
      "takeRows(it)": (it) => loose.takeRows(it, 1),
      "takeRows(data, it)": (it) => loose.takeRows(data, it),
      "validateDataset(it)": (it) => loose.validateDataset(it),
      "validateDataset({ columns: it })": (it) => loose.validateDataset({ ...data, columns: it }),
      "validateDataset({ columns: { x: it } })": (it) =>
        loose.validateDataset({ ...data, columns: { x: it, y: labels } }),
      "validateDataset({ rows: it })": (it) => loose.validateDataset({ ...data, rows: it }),
      "validateDataset({ x: { data: it } })": (it) =>
        loose.validateDataset({ ...data, columns: { x: { ...column, data: it }, y: labels } }),
      "validateDataset({ x: { shape: it } })": (it) =>
        loose.validateDataset({ ...data, columns: { x: { ...column, shape: it }, y: labels } }),
      "permutation(it)": (it) => loose.permutation(it, 1, 0),
      "permutation(4, it)": (it) => loose.permutation(4, it, 0),
      "randomNormal(it)": (it) => loose.randomNormal(it),
      "randomUniform(it)": (it) => loose.randomUniform(it),
      "wholeLoss(it)": (it) => loose.wholeLoss(it),
    }),
    ...optimizerNames.flatMap((name) =>
      calls(
        {
          [`${name}(it)`]: (it) => loose[name](it),
          [`${name}(1e-3, it)`]: (it) => loose[name](1e-3, it),
        },
        { [`${name}(it)`]: ["a number"] },
      ),
    ),
    ...schedules.flatMap((name) =>
      calls({ [`${name}(it)`]: (it) => loose[name](it) }, { [`${name}(it)`]: rates(name) }),
    ),
    ...calls({
      "decodeModel(it)": (it) => looseIo.decodeModel(it),
      "decodeModel({ json: it })": (it) => looseIo.decodeModel({ where: "x", json: it }),
      "loadModel(it)": (it) => looseIo.loadModel(it, { core: tf, layers: tfl }),
      "loadModel(decoded, it)": (it) => looseIo.loadModel({ where: "x", weights: [] }, it),
      "encodeModel(it)": (it) => looseIo.encodeModel(it),
      "encodeModel(model, it)": (it) => looseIo.encodeModel(smallModel(), it),
      "createModel(it)": (it) => looseModels.createModel(it),
      "createModel(mlp, it)": (it) => looseModels.createModel("mlp", it),
      "trainOptions(it)": (it) => looseModels.trainOptions(it),
      "cnn(it)": (it) => looseModels.cnn(it),
      "cnn({ filters: it })": (it) => looseModels.cnn({ filters: it }),
      "mlp(it)": (it) => looseModels.mlp(it),
      "mlp({ units: it })": (it) => looseModels.mlp({ units: it }),
      "mlp({ seed: it })": (it) => looseModels.mlp({ seed: it }),
      "mlp({ classes: it })": (it) => looseModels.mlp({ classes: it }),
      "cnnTuned(it)": (it) => looseModels.cnnTuned(it),
      "cnnCompact(it)": (it) => looseModels.cnnCompact(it),
      "mlpTuned(it)": (it) => looseModels.mlpTuned(it),
      "mnistFast(it)": (it) => looseModels.mnistFast(it),
    }),
  ];
}

/** All methods of a session and of a program, on a device that is there. */
export async function sessionCalls(): Promise<readonly Call[]> {
  const device = (await cpu({ precision: 64, worker: false }).open()) as Loose;
  const session = (await hone.compile(smallModel(), { device, loss: "meanSquaredError" })) as Loose;
  const x = new Float32Array(8);
  const data = {
    name: "two",
    rows: 2,
    columns: {
      x: { data: x, shape: [4], scale: 1, offset: 0 },
      y: { data: new Float32Array(2), shape: [1], scale: 1, offset: 0 },
    },
  };
  const weights = tf.variable(tf.ones([4, 1]), true);
  const minimize = (rows: Loose) => tf.mean(tf.matMul(rows.x, weights as Loose)) as Loose;
  const fit = { minimize, variables: weights, optimizer: "sgd" } as Loose;
  const one = (await hone.program({ device, inputs: { x: [4] }, functions: { fit } })) as Loose;
  const compiled = (it: Loose) => loose.compile(smallModel(), { device, ...it });
  const programmed = (it: Loose) =>
    loose.program({ device, inputs: { x: [4] }, functions: { fit }, ...it });
  const drained = async (steps: AsyncIterable<unknown>) => {
    for await (const _ of steps) break;
  };
  // What is not there is released already.
  const released = calls(
    {
      "release(it)": (it) => session.release(it),
      "release of a program(it)": (it) => one.release(it),
    },
    "all",
  );
  return [
    ...released,
    ...calls({
      "compile(it)": (it) => loose.compile(it, { device }),
      "compile(model, it)": (it) => loose.compile(smallModel(), it),
      ...Object.fromEntries(
        ["device", "optimizer", "loss", "metrics", "seed", "latency", "augment"].map((option) => [
          `compile(model, { ${option}: it })`,
          (it: Loose) => compiled({ loss: "meanSquaredError", [option]: it }),
        ]),
      ),
      ...choosingCalls("pickFastest", loose.pickFastest),
      ...choosingCalls("fastest", loose.fastest),
      "verifyDevice(it)": (it) => loose.verifyDevice(it),
      "verifyDevice(device, it)": (it) => loose.verifyDevice(device, it),
      "program(it)": (it) => loose.program(it),
      ...Object.fromEntries(
        ["device", "seed", "inputs", "functions"].map((option) => [
          `program({ ${option}: it })`,
          (it: Loose) => programmed({ [option]: it }),
        ]),
      ),
      "program({ inputs: { x: it } })": (it) => programmed({ inputs: { x: it } }),
      "program({ functions: { fit: it } })": (it) => programmed({ functions: { fit: it } }),
      ...Object.fromEntries(
        ["minimize", "variables", "optimizer"].map((option) => [
          `program({ functions: { fit: { ${option}: it } } })`,
          (it: Loose) => programmed({ functions: { fit: { ...fit, [option]: it } } }),
        ]),
      ),
      "program({ functions: { fit: { compute: it } } })": (it) =>
        programmed({ functions: { fit: { compute: it } } }),
      "program({ functions: { fit: { gradients: it } } })": (it) =>
        programmed({ functions: { fit: { gradients: it, variables: weights } } }),
      "fit(it)": (it) => session.fit(it),
      "fit(() => it)": (it) => session.fit(() => it),
      "fit([it])": (it) => session.fit([it]),
      "fit({ x: it })": (it) => session.fit({ x: it, y: [1] }),
      "fit(data, it)": (it) => session.fit(data, it),
      ...Object.fromEntries(
        [
          "epochs",
          "batchSize",
          "validation",
          "shuffle",
          "schedule",
          "signal",
          "onRecord",
          "earlyStopping",
          "accumulate",
          "resume",
          "progressMs",
          "learningRate",
          "batchesPerEpoch",
          "checkpoint",
          "classWeight",
          "augment",
        ].map((option) => [
          `fit(data, { ${option}: it })`,
          (it: Loose) => session.fit(data, { epochs: 1, batchSize: 2, [option]: it }),
        ]),
      ),
      "steps(it)": (it) => drained(session.steps(it)),
      "steps(data, it)": (it) => drained(session.steps(data, it)),
      "evaluate(it)": (it) => session.evaluate(it),
      "evaluate(data, it)": (it) => session.evaluate(data, it),
      "evaluate(data, { batchSize: it })": (it) => session.evaluate(data, { batchSize: it }),
      "evaluate(data, { signal: it })": (it) => session.evaluate(data, { signal: it }),
      "predict(it)": (it) => session.predict(it),
      "predict({ data: it })": (it) => session.predict({ data: it, shape: [2, 4] }),
      "predict({ shape: it })": (it) => session.predict({ data: x, shape: it }),
      "trainOnBatch(it)": (it) => session.trainOnBatch(it, [1]),
      "trainOnBatch(x, it)": (it) => session.trainOnBatch(x, it),
      "trainOnBatch(x, y, it)": (it) => session.trainOnBatch(x, [1, 1], it),
      "trainOnBatch(x, y, { sampleWeight: it })": (it) =>
        session.trainOnBatch(x, [1, 1], { sampleWeight: it }),
      "setWeights(it)": (it) => session.setWeights(it),
      "setWeights([it, it])": (it) => session.setWeights([it, it]),
      "writeBack(it)": (it) => session.writeBack(it),
      "moveTo(it)": (it) => session.moveTo(it),
      "compile(model, { resume: it })": (it) => compiled({ loss: "meanSquaredError", resume: it }),
      "compile(model, { failover: it })": (it) =>
        compiled({ loss: "meanSquaredError", failover: it }),
      "compile(model, { failover: [it] })": (it) =>
        compiled({ loss: "meanSquaredError", failover: [it] }),
      "compile(model, { failover: { patienceMs: it } })": (it) =>
        compiled({
          loss: "meanSquaredError",
          failover: { backends: [cpu()], patienceMs: it },
        }),
      "program({ resume: it })": (it) => programmed({ resume: it }),
      "program({ failover: it })": (it) => programmed({ failover: it }),
      "moveTo of a program(it)": (it) => one.moveTo(it),
      "encodeCheckpoint(it)": (it) => looseIo.encodeCheckpoint(it),
      "decodeCheckpoint(it)": (it) => looseIo.decodeCheckpoint(it),
      "decodeCheckpoint(bytes, it)": (it) => looseIo.decodeCheckpoint(new Uint8Array(8), it),
      "explain(it)": (it) => session.explain(it),
      "run(it)": (it) => one.run(it),
      "run(fit, it)": (it) => one.run("fit", it),
      "run(fit, { x: it })": (it) => one.run("fit", { x: it }),
      "run(fit, rows, it)": (it) => one.run("fit", { x }, it),
      "setVariables(it)": (it) => one.setVariables(it, [1]),
      "setVariables(w, it)": (it) => one.setVariables(weights, it),
      "setVariables(w, [it])": (it) => one.setVariables(weights, [it]),
      "assign(it)": (it) => one.assign(it, weights),
      "assign(w, it)": (it) => one.assign(weights, it),
    }),
  ];
}

function choosingCalls(name: string, choose: Loose): Record<string, (it: Loose) => unknown> {
  const options = ["for", "mode", "batchSize", "steps", "budgetMs", "latency"];
  return {
    [`${name}(it)`]: (it) => choose(it),
    [`${name}([it])`]: (it) => choose([it]),
    [`${name}(backends, it)`]: (it) => choose([cpu()], it),
    ...Object.fromEntries(
      [...options, "data", "store", "signal", "onProgress"].map((option) => [
        `${name}(backends, { ${option}: it })`,
        (it: Loose) =>
          choose([cpu({ worker: false })], { [option]: it }).then((found: Loose) => found.close()),
      ]),
    ),
  };
}
