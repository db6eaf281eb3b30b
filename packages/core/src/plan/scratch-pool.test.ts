import { expect, test } from "vitest";
import { RandomStream } from "../random.js";
import { ScratchPool } from "./scratch-pool.js";

test("a tensor takes the shortest block that holds it, and else the longest grows", () => {
  const pool = new ScratchPool();
  expect([5, 20, 10].map((length, id) => pool.take(id, length))).toEqual([0, 1, 2]);
  for (const id of [0, 1, 2]) pool.release(id);
  expect(pool.take(3, 7)).toBe(2);
  expect(pool.take(4, 30)).toBe(1);
  expect(pool.take(5, 6)).toBe(0);
  expect(pool.take(6, 1)).toBe(3);
  expect(pool.lengths).toEqual([6, 30, 10, 1]);
});

test("nothing is freed for a tensor that has no block", () => {
  const pool = new ScratchPool();
  pool.take(1, 4);
  pool.release(2);
  expect(pool.take(2, 4)).toBe(1);
});

test("a returned block rests until others have, and a long one never does", () => {
  const pool = new ScratchPool(10);
  for (const [id, length] of [4, 4, 11, 4].entries()) pool.take(id, length);
  for (const id of [0, 1, 2]) pool.release(id);
  expect(pool.take(4, 4)).toBe(2);
  pool.release(3);
  // Three rest, of 12 together: the first that came is free.
  expect(pool.take(5, 4)).toBe(0);
  expect(pool.take(6, 4)).toBe(4);
  expect(pool.lengths).toEqual([4, 4, 11, 4, 4]);
});

test("sixteen blocks rest, however short they are", () => {
  const pool = new ScratchPool(1000);
  for (let id = 0; id < 17; id++) {
    pool.take(id, 1);
    pool.release(id);
  }
  expect(pool.lengths.length).toBe(17);
  expect(pool.take(17, 1)).toBe(0);
});

test("the choice is that of a search through all free blocks", () => {
  const random = new RandomStream(1, 1);
  const pool = new ScratchPool();
  const lengths: number[] = [];
  let free: number[] = [];
  const held = new Map<number, number>();
  for (let id = 0; id < 2000; id++) {
    const length = 1 + random.nextInteger(12);
    const byLength = free.toSorted((a, b) => (lengths[a] as number) - (lengths[b] as number));
    const fitting = byLength.find((block) => (lengths[block] as number) >= length);
    const block = fitting ?? byLength.at(-1) ?? lengths.length;
    free = free.filter((other) => other !== block);
    lengths[block] = Math.max(lengths[block] ?? 0, length);
    held.set(id, block);
    expect(pool.take(id, length)).toBe(block);
    while (held.size > random.nextInteger(40)) {
      const [gone] = [...held.keys()].slice(random.nextInteger(held.size));
      free.push(held.get(gone as number) as number);
      held.delete(gone as number);
      pool.release(gone as number);
    }
  }
  expect(pool.lengths).toEqual(lengths);
  expect(lengths.length).toBeGreaterThan(5);
});
