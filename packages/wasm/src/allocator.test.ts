import { expect, test } from "vitest";
import { Allocator } from "./allocator.js";

const page = 65_536;

function make(): { memory: WebAssembly.Memory; allocator: Allocator } {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 20 });
  return { memory, allocator: new Allocator(memory, 1000) };
}

test("pieces are aligned, do not touch each other and lie behind the base", () => {
  const { allocator } = make();
  const addresses = [1, 64, 65, 0].map((bytes) => allocator.allocate(bytes, "test"));
  expect(addresses).toEqual([1024, 1088, 1152, 1280]);
  expect(allocator.use()).toEqual({ bytes: 64 + 64 + 128 + 64, allocations: 4 });
});

test("freed neighbours grow together and are handed out again, in any order of freeing", () => {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [0, 2, 1],
    [1, 0, 2],
  ]) {
    const { memory, allocator } = make();
    const pieces = [0, 1, 2].map(() => allocator.allocate(10_000, "test"));
    allocator.allocate(64, "test");
    for (const index of order) allocator.release(pieces[index] as number);
    expect(allocator.allocate(30_000, "test")).toBe(pieces[0]);
    expect(memory.buffer.byteLength).toBe(page);
  }
});

test("the last free piece grows instead of being left behind", () => {
  const { memory, allocator } = make();
  const first = allocator.allocate(60_000, "test");
  allocator.release(first);
  expect(allocator.allocate(100_000, "test")).toBe(first);
  expect(memory.buffer.byteLength).toBe(2 * page);
});

test("memory keeps slack behind the last piece, for kernels that read whole vectors", () => {
  const { memory, allocator } = make();
  const bytes = page - 1024;
  const address = allocator.allocate(bytes, "test");
  expect(memory.buffer.byteLength).toBeGreaterThan(address + bytes);
});

test("a memory that cannot grow says how many bytes were asked for, and keeps what it has", () => {
  const { allocator } = make();
  allocator.allocate(500, "test");
  expect(() => allocator.allocate(3_000_000, "upload")).toThrow(
    /^\[hone\] upload: 3000000 bytes do not fit beside the 512 bytes in use/,
  );
  expect(allocator.use()).toEqual({ bytes: 512, allocations: 1 });
  allocator.allocate(500, "test");
});
