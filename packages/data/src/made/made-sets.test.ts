import { type Dataset, validateDataset } from "@hone/core";
import { expect, test } from "vitest";
import { listDatasets, openDataset } from "../open.js";
import { scenes, shapes } from "./shapes.js";
import { sines } from "./sines.js";
import { LETTERS, sentences, sums, WORDS } from "./texts.js";

const SETS = { shapes, scenes, sines, sums, sentences } as const;
const NAMES = Object.keys(SETS) as readonly (keyof typeof SETS)[];

const rowOf = ({ columns }: Dataset, name: string, row: number) => {
  const { data, shape } = columns[name] as Dataset["columns"][string];
  const length = shape.reduce((product, extent) => product * extent, 1);
  return Array.from(data.subarray(row * length, (row + 1) * length));
};

test.each(NAMES)("%s are right, synthetic, and as the list says", async (name) => {
  const { train, test: held } = await openDataset(name, { train: 40, test: 20 });
  for (const set of [train, held]) validateDataset(set);
  expect([train.rows, held.rows, train.synthetic]).toEqual([40, 20, true]);
  const listed = (await listDatasets()).find((info) => info.name === name);
  expect(listed?.shape).toEqual(train.columns.x.shape);
  expect(listed?.classNames).toEqual(train.classNames ?? []);
});

test.each(NAMES)(
  "of %s a seed fixes every row, and a smaller set begins a larger",
  async (name) => {
    const [small, large, other] = [
      await SETS[name]({ seed: 5, train: 6, test: 6 }),
      await SETS[name]({ seed: 5, train: 9, test: 6 }),
      await SETS[name]({ seed: 6, train: 6, test: 6 }),
    ];
    for (const row of [0, 5]) {
      expect(rowOf(large.train, "x", row)).toEqual(rowOf(small.train, "x", row));
      expect(rowOf(large.train, "y", row)).toEqual(rowOf(small.train, "y", row));
      expect(rowOf(other.train, "x", row)).not.toEqual(rowOf(small.train, "x", row));
      expect(rowOf(small.test, "x", row)).not.toEqual(rowOf(small.train, "x", row));
    }
  },
);

test("sizes, lengths and counts are options, and refused out of range", async () => {
  const one = { train: 1, test: 1 };
  expect((await shapes({ ...one, size: 96 })).train.columns.x.shape).toEqual([96, 96, 3]);
  expect((await scenes({ ...one, size: 32 })).train.columns.y.shape).toEqual([32, 32]);
  expect((await sums({ ...one, length: 50 })).train.columns.y.shape).toEqual([50]);
  await expect(shapes({ size: 4 })).rejects.toThrow(/^\[hone\] shapes: size is 4\. .*16 to 512/);
  await expect(sums({ length: 2.5 })).rejects.toThrow(/^\[hone\] sums: length is 2\.5/);
  await expect(sines({ rows: 4 } as never)).rejects.toThrow(/^\[hone\] sines: .*"rows"/);
});

test("every sum is right, and each letter's label is the one that follows", async () => {
  const { train } = await sums({ train: 20, test: 1 });
  for (let row = 0; row < train.rows; row++) {
    const [x, y] = [rowOf(train, "x", row), rowOf(train, "y", row)];
    expect(x.slice(1)).toEqual(y.slice(0, -1));
    const whole = x
      .map((letter) => LETTERS[letter])
      .join("")
      .split(" ")
      .slice(0, -1);
    expect(whole.length).toBeGreaterThan(1);
    for (const sum of whole) {
      const [, a, b, c] = /^(\d+)\+(\d+)=(\d+)$/.exec(sum) as unknown as string[];
      expect(Number(a) + Number(b)).toBe(Number(c));
    }
  }
});

test("a sentence praises where its main clause says something good, or denies something bad", async () => {
  const { train } = await sentences({ train: 200, test: 1 });
  let denials = 0;
  for (let row = 0; row < train.rows; row++) {
    const text = rowOf(train, "x", row)
      .map((word) => WORDS[word])
      .join(" ")
      .trim();
    const main = text
      .replace(/^although [^,]*, /, "")
      .replace(/ although .*/, "")
      .replace(/.* but /, "");
    const denies = /not|never/.test(main.split(" and ").at(-1) as string);
    const good = /good|friendly|lovely|great|clean|charming/.test(
      main.split(" and ").at(-1) as string,
    );
    if (denies) denials++;
    expect(train.columns.y.data[row], text).toBe(good !== denies ? 1 : 0);
  }
  expect(denials).toBeGreaterThan(20);
});

test("a scene's labels are where its figures are", async () => {
  const { train } = await scenes({ train: 30, test: 1 });
  const counts = [0, 0, 0, 0];
  for (const label of train.columns.y.data) counts[label] = (counts[label] as number) + 1;
  const pixels = train.columns.y.data.length;
  for (const [label, count] of counts.entries()) {
    expect(count / pixels, `${label}`).toBeGreaterThan(label === 0 ? 0.5 : 0.02);
  }
});

test("a wave's next number is near what its last two moments point to", async () => {
  const { train } = await sines({ train: 300, test: 1 });
  let error = 0;
  let size = 0;
  for (let row = 0; row < train.rows; row++) {
    const x = rowOf(train, "x", row);
    const [next] = rowOf(train, "y", row) as [number];
    error += Math.abs(2 * (x.at(-1) as number) - (x.at(-2) as number) - next);
    size += Math.abs(next);
  }
  expect(error).toBeLessThan(size / 2);
});
