import { expect, test } from "vitest";
import { importCycles } from "./import-cycles.mjs";

const files = (entries) => new Map(Object.entries(entries));

test("files that import one another are a circle, by types alone too", () => {
  const found = importCycles(
    files({
      "packages/a/src/one.ts": 'import type { Two } from "./two.js";\nexport const one = 1;',
      "packages/a/src/two.ts":
        'import { three } from "./deep/three.js";\nexport type Two = typeof three;',
      "packages/a/src/deep/three.ts": 'import { one } from "../one.js";\nexport const three = one;',
      "packages/a/src/apart.ts": 'import { one } from "./one.js";\nexport const apart = one;',
    }),
  );
  expect(found).toEqual([
    "packages/a/src/deep/three.ts -> packages/a/src/one.ts -> packages/a/src/two.ts -> packages/a/src/deep/three.ts",
  ]);
});

test("what goes only down is no circle, and tests may import what they like", () => {
  const found = importCycles(
    files({
      "packages/a/src/low.ts": "export const low = 1;",
      "packages/a/src/high.ts": 'import { low } from "./low.js";\nexport const high = low;',
      "packages/a/src/low.test.ts": 'import { high } from "./high.js";\nhigh;',
    }),
  );
  expect(found).toEqual([]);
});
