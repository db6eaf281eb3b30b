// Partial sums of a gradient, one for each chunk of the batch, added in their order. How many there
// are belongs to the program, so the bits of the sum do not depend on the number of threads.
import { blockElements, blockOffset } from "./blocks";
import { storeUpTo } from "./lanes";

/** y = Σ partials [chunks, count]. A unit is a block of elements. */
// @ts-ignore: decorator
@unmanaged
class Partials {
  partials: usize;
  y: usize;
  chunks: i32;
  count: i32;
}

export function addPartials(record: usize, begin: i32, end: i32): void {
  const r = changetype<Partials>(record);
  const step = (<usize>r.count) << 2;
  let from = r.partials + blockOffset(begin);
  let y = r.y + blockOffset(begin);
  for (let left = blockElements(begin, end, r.count); left > 0; left -= 4) {
    let sum = v128.load(from);
    let next = from + step;
    for (let chunk = 1; chunk < r.chunks; chunk++) {
      sum = f32x4.add(sum, v128.load(next));
      next += step;
    }
    storeUpTo(y, sum, left);
    from += 16;
    y += 16;
  }
}
