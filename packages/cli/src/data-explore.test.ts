import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand } from "./test/build.js";

let hone: BuiltCommand;
let folder = "";
beforeAll(async () => {
  hone = await buildCommand();
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-explore-"));
});
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

test("data explore prints figures, and writes a page and an object that agree with them", async () => {
  const [out, json] = [path.join(folder, "digits.html"), path.join(folder, "digits.json")];
  const words = ["data", "explore", "--dataset", "digits", "--out", out, "--json", json];
  const { code, stdout, stderr } = await hone.run(words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("digits (synthetic, drawn by code): 6,000 training and 1,000 test rows");
  expect(stdout).toContain(`\nFiles      page: ${out}; figures: ${json}\n`);
  expect((await readdir(folder)).sort()).toEqual(["digits.html", "digits.json"]);
  const found = JSON.parse(await readFile(json, "utf8"));
  expect(found.labels[0].classCounts[0].reduce((sum: number, count: number) => sum + count)).toBe(
    6000,
  );
  const page = await readFile(out, "utf8");
  const { document } = parseHTML(page);
  expect(document.querySelectorAll("img")).toHaveLength(2 + 10 * 8 + 10);
  expect(document.querySelector("h1")?.textContent).toBe("Data set digits");
  expect(page).not.toMatch(/<script|NaN|undefined/);
  const made = document.querySelector("#part-machine-and-date")?.textContent;
  expect(made).toContain(`cores${os.availableParallelism()}`);
  expect(made).toMatch(/date\d{4}-\d\d-\d\d \d\d:\d\d UTC/);
  const counts = [...document.querySelectorAll("tbody tr td:nth-child(2)")];
  expect(counts.map((cell) => Number(cell.textContent))).toEqual(found.labels[0].classCounts[0]);
});

test("data explore alone writes nothing, and says how to keep what it found", async () => {
  const { code, stdout } = await hone.run(["data", "explore", "--dataset", "digits"], {
    cwd: folder,
  });
  expect(code).toBe(0);
  expect(stdout).toContain("\nFiles      none written: --out FILE makes a page");
});
