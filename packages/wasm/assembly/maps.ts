// Kernels that come while threads wait for work: put in place in every thread; and those made at run time, row by row.
import { outerOffset } from "./axes";
import { blocksOf } from "./blocks";
import { workspace } from "./thread";

/** Makes an instance of the module that the record names, and puts its kernels into this thread's table. */
// @ts-ignore: decorator
@external("env", "install")
declare function install(record: usize): void;

/** A unit for each thread; the first thread's is done before. */
export function installKernels(record: usize, begin: i32, _end: i32): void {
  if (begin > 0) install(record);
}

// @ts-ignore: decorator
@unmanaged
class MapRows {
  /** Where the kernel stands in the function table. */
  kernel: u32;
  /** Words of the kernel's record, which stands behind this one. */
  words: i32;
  /** How many of them, behind the first, are addresses. */
  addresses: i32;
  /** Axes outside of a row, the last first: an extent, and a step in bytes of each address. */
  axes: usize;
  rank: i32;
  /** A copy of the record for each thread. */
  copy: usize;
}

/** A unit is a block of a row. */
export function mapRows(record: usize, begin: i32, end: i32): void {
  const r = changetype<MapRows>(record);
  const source = record + offsetof<MapRows>();
  const copy = workspace + r.copy;
  memory.copy(copy, source, <usize>r.words << 2);
  const perRow = blocksOf(load<i32>(source));
  const axisBytes = <usize>(r.addresses + 1) << 2;
  let unit = begin;
  while (unit < end) {
    const row = unit / perRow;
    const first = unit - row * perRow;
    const last = min(first + end - unit, perRow);
    for (let i = 1; i <= r.addresses; i++) {
      const field = <usize>i << 2;
      const moved = outerOffset(r.axes, r.rank, row, axisBytes, field);
      store<u32>(copy + field, load<u32>(source + field) + moved);
    }
    call_indirect<void>(r.kernel, copy, first, last);
    unit += last - first;
  }
}
