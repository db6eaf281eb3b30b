import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { kernelFactories } from "./index.js";

/** Op names in the first column of the tables of OPS.md, without those that expand. */
function documentedOps(): string[] {
  const page = readFileSync(new URL("../../../core/OPS.md", import.meta.url), "utf8");
  return page
    .split(/^## /m)
    .filter((section) => !/^(Fused|Recurrent)/.test(section))
    .flatMap((section) => [...section.matchAll(/^\| `([^|]*)` \|/gm)])
    .flatMap(([, names = ""]) => names.split(" "));
}

test("there is a kernel for every primitive op of OPS.md, and no other", () => {
  expect([...kernelFactories.keys()].sort()).toEqual(documentedOps().sort());
});
