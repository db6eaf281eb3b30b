// Elementwise work in units of a block, so that threads share it out along cache lines.

/** Elements in a block: BLOCK of src/kernels/lowering.ts. */
export const BLOCK = 512;

/** Bytes before block `index`, of elements of four bytes. */
// @ts-ignore: decorator
@inline
export function blockOffset(index: i32): usize {
  return <usize>index * (BLOCK * 4);
}

/** How many of `count` elements lie in the blocks from `begin` to before `end`. */
// @ts-ignore: decorator
@inline
export function blockElements(begin: i32, end: i32, count: i32): i32 {
  return min(end * BLOCK, count) - begin * BLOCK;
}

/** The blocks that `count` elements fill, the last one perhaps in part. */
// @ts-ignore: decorator
@inline
export function blocksOf(count: i32): i32 {
  return (count + BLOCK - 1) / BLOCK;
}
