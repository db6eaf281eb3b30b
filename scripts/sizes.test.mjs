import { expect, test } from "vitest";
import { sizeRows } from "./size-rows.mjs";
import { measure, sizeFaults } from "./sizes.mjs";

const row = { name: "an app", code: 'export { cpu } from "@hone/cpu";', limit: 0 };

test("one byte over its limit fails a row, by its name and both figures", async () => {
  const { bytes } = await measure(row);
  expect(await sizeFaults([{ ...row, limit: bytes }])).toBe("");
  expect(await sizeFaults([{ ...row, limit: bytes - 1 }])).toContain(
    `sizes: "an app" is ${bytes} bytes, limit ${bytes - 1}.`,
  );
});

test("a late chunk counts where the row says it is loaded, and only then", async () => {
  const late = ["packages/cpu/src/backend.ts"];
  const [without, together] = [await measure(row), await measure({ ...row, late })];
  expect(without.unloaded).toContain(late[0]);
  expect(together.unloaded).not.toContain(late[0]);
  expect(together.parts.get("cpu/kernels")).toBeGreaterThan(1000);
  expect(without.parts.get("cpu/kernels")).toBeUndefined();
  await expect(measure({ ...row, late: ["packages/cpu/src/none.ts"] })).rejects.toThrow(
    /"an app" loads packages\/cpu\/src\/none.ts late, which is none of .*packages\/cpu\/src\/backend.ts/,
  );
});

test("the parts of a row are all of it, and no limit leaves more than a tenth of a kilobyte", async () => {
  for (const one of sizeRows) {
    const { bytes, parts } = await measure(one);
    const sum = [...parts.values()].reduce((total, part) => total + part, 0);
    expect(Math.abs(sum - bytes), one.name).toBeLessThan(1);
    expect(one.limit - bytes, one.name).toBeLessThanOrEqual(100);
  }
});
