/** Which ops each stock backend has, by tfjs's own registry; README.md says the same. */
import { readFile } from "node:fs/promises";
import { findOp, isExpandable, opNames } from "@hone/core/internals";
import { expect, test } from "vitest";
import { kernelFinder, loadCore } from "../stock/registry.js";
import type { StockName } from "../stock/stock.js";
import { opsOf, stockOps } from "./index.js";
import { ALWAYS_NEEDED } from "./stock-op.js";

const LOADS: Readonly<Record<StockName, () => Promise<unknown>>> = {
  cpu: () => import("@tensorflow/tfjs-backend-cpu"),
  wasm: () => import("@tensorflow/tfjs-backend-wasm"),
  webgpu: () => import("@tensorflow/tfjs-backend-webgpu"),
};
const NAMES = ["cpu", "wasm", "webgpu"] as const;

async function lacking(name: StockName): Promise<string[]> {
  await LOADS[name]();
  const ops = opsOf({ name, kernel: kernelFinder(await loadCore(), name) }, true);
  return stockOps.map(({ op }) => op).filter((op) => !ops.has(op));
}

test("every op that no plan has to fuse has a row, and only one", () => {
  const rows = stockOps.map(({ op }) => op);
  expect(new Set(rows).size).toBe(rows.length);
  const fused = opNames().filter((op) => op.startsWith("FusedConv2DMaxPool"));
  const wanted = opNames().filter((op) => !findOp(op).alias && !isExpandable(op));
  expect(wanted.filter((op) => !rows.includes(op) && !fused.includes(op))).toEqual([]);
  const depthwise = opNames().filter((op) => op.includes("Depthwise"));
  const exact = ["_FusedMatMul", "FusedConv2D", "Gather", "UnsortedSegmentSum", ...depthwise];
  const listed = rows.filter((op) => isExpandable(op) || fused.includes(op));
  expect(listed.sort()).toEqual(exact.sort());
});

test("stock wasm lacks gradients of convolutions, the others lack nothing", async () => {
  expect(await lacking("cpu")).toEqual([]);
  expect(await lacking("wasm")).toEqual([
    "Conv2DBackpropFilter",
    "DepthwiseConv2dNativeBackpropInput",
    "DepthwiseConv2dNativeBackpropFilter",
  ]);
  expect(await lacking("webgpu")).toEqual([]);
});

test("README.md names what each backend lacks", async () => {
  const text = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  for (const name of NAMES) {
    const ops = (await lacking(name)).map((op) => `\`${op}\``).join(", ");
    expect(text).toContain(`| \`tfjs-${name}\` | ${ops || "nothing"} |`);
  }
});

test("an op is listed only where tfjs has every kernel of its row", () => {
  const kernel = () => () => ({ dataId: {}, shape: [], dtype: "float32" as const });
  const without = (lost: string) => (name: string) => (name === lost ? undefined : kernel());
  expect(opsOf({ name: "cpu", kernel }, true).size).toBe(stockOps.length);
  const noStep = opsOf({ name: "cpu", kernel: without("OneHot") }, true);
  const lost = stockOps.map(({ op }) => op).filter((op) => !noStep.has(op));
  expect(lost).toEqual(["SoftmaxCrossEntropy", "SoftmaxCrossEntropyGrad"]);
  for (const name of ALWAYS_NEEDED) {
    expect(opsOf({ name: "cpu", kernel: without(name) }, true).size).toBe(0);
  }
});
