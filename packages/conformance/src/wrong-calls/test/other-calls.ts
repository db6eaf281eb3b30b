import * as bench from "@hone/bench";
import { cpu } from "@hone/cpu";
import * as data from "@hone/data";
import * as report from "@hone/report";
import * as pages from "@hone/report/html";
import { tfjs } from "@hone/tfjs";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";
import { type Call, calls, callsOf, type Loose } from "./call.js";

const looseData = data as Loose;

export function dataCalls(): readonly Call[] {
  const off = { download: false, folder: "/nowhere" };
  return calls({
    "dataset(it)": (it) => looseData.dataset(it),
    "dataset({ x: it })": (it) => looseData.dataset({ x: it, y: [1, 0] }),
    "dataset({ y: it })": (it) => looseData.dataset({ x: [[1], [2]], y: it }),
    "dataset({ x: { a: it } })": (it) => looseData.dataset({ x: { a: it }, y: [1, 0] }),
    "dataset({ sampleWeights: it })": (it) =>
      looseData.dataset({ x: [[1], [2]], y: [1, 0], sampleWeights: it }),
    "dataset({ classNames: it })": (it) =>
      looseData.dataset({ x: [[1], [2]], y: [1, 0], classNames: it }),
    "digits(it)": (it) => it !== undefined && looseData.digits(it),
    "digits({ seed: it })": (it) => looseData.digits({ seed: it, train: 2, test: 2 }),
    "idxFolder(it)": (it) => looseData.idxFolder(it),
    "openDataset(it)": (it) => looseData.openDataset(it, off),
    "openDataset(digits, it)": (it) => it !== undefined && looseData.openDataset("digits", it),
    "mnist(it)": (it) => (it === undefined ? undefined : looseData.mnist(it)),
    "mnist({ folder: it })": (it) => looseData.mnist({ ...off, folder: it }),
    "mnist({ signal: it })": (it) => looseData.mnist({ ...off, signal: it }),
    "mnist({ progress: it })": (it) => looseData.mnist({ ...off, progress: it }),
    "fashionMnist({ download: it })": (it) =>
      looseData.fashionMnist({ folder: "/nowhere", download: it === undefined ? false : it }),
    "listDatasets(it)": (it) => looseData.listDatasets(it),
    "listDatasets({ folder: it })": (it) => looseData.listDatasets({ folder: it }),
  });
}

/** Pure functions of records: what has no answer is refused, and the rest is answered. */
export function reportCalls(): readonly Call[] {
  return [...callsOf(report), ...callsOf(pages)];
}

export function benchCalls(): readonly Call[] {
  return callsOf(bench);
}

export function backendCalls(): readonly Call[] {
  const opened = async (backend: Loose) => (await backend.open()).close();
  return calls({
    "cpu(it)": (it) => (cpu as Loose)(it),
    "cpu({ precision: it })": (it) => (cpu as Loose)({ precision: it }),
    "cpu({ worker: it })": (it) => opened((cpu as Loose)({ worker: it })),
    "wasm(it)": (it) => (wasm as Loose)(it),
    "wasm({ threads: it })": (it) => opened((wasm as Loose)({ threads: it })),
    "wasm({ worker: it })": (it) => opened((wasm as Loose)({ worker: it })),
    "webgpu(it)": (it) => (webgpu as Loose)(it),
    "webgpu({ worker: it })": (it) => (webgpu as Loose)({ worker: it }),
    "tfjs(it)": (it) => (tfjs as Loose)(it),
    "tfjs(cpu, it)": (it) => (tfjs as Loose)("cpu", it),
    "tfjs(cpu, { exact: it })": (it) => (tfjs as Loose)("cpu", { exact: it }),
  });
}
