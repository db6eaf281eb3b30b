/** The op table and the reference, against finite differences. */

import { readFile } from "node:fs/promises";
import { opNames } from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import { expect, test } from "vitest";
import { opCases } from "./cases/index.js";
import { gradientFault } from "./finite-differences.js";

const ops = [...new Set(opCases.map(({ op }) => op))];

test("every op of the table has a case", () => {
  const lacking = opNames().filter((op) => !ops.includes(op));
  expect(lacking.filter((op) => op !== "Reshape")).toEqual([]);
});

test("OPS.md tells of every op of the table, and of no other", async () => {
  const text = await readFile(new URL("../../core/OPS.md", import.meta.url), "utf8");
  const told = [...text.matchAll(/^\| `([^`]+)` \|/gm)].flatMap(([, names]) => names?.split(" "));
  expect(told.toSorted()).toEqual(
    opNames()
      .filter((op) => op !== "Reshape")
      .toSorted(),
  );
});

test("no two cases of an op have one name", () => {
  const names = opCases.map(({ op, name }) => `${op} ${name}`);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

const checked = opCases.filter(({ gradient }) => gradient === "differences");

test.each(ops.filter((op) => checked.some((opCase) => opCase.op === op)))(
  "the gradient of %s is the slope",
  async (op) => {
    const device = await cpu({ precision: 64, worker: false }).open();
    const faults: string[] = [];
    for (const opCase of checked.filter((candidate) => candidate.op === op)) {
      const fault = await gradientFault(device, opCase);
      if (fault) faults.push(`${opCase.name}: ${fault}`);
    }
    await device.close();
    expect(faults).toEqual([]);
  },
);
