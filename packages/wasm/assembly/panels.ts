// B of a product, copied into panels of eight columns so that a tile reads it line after line.
import { transposeBlock } from "./copy";
import { TILE_COLUMNS } from "./tile";

/** A unit is a panel of one of the matrices. */
// @ts-ignore: decorator
@unmanaged
class Panels {
  b: usize;
  packed: usize;
  k: i32;
  n: i32;
}

function panelsOf(r: Panels): i32 {
  return (r.n + TILE_COLUMNS - 1) / TILE_COLUMNS;
}

/** b [batch, k, n] to panels [batch, ⌈n / 8⌉, k, 8], zeros beyond the last column. */
export function packPanels(record: usize, begin: i32, end: i32): void {
  const r = changetype<Panels>(record);
  const panels = panelsOf(r);
  const step = (<usize>r.n) << 2;
  for (let unit = begin; unit < end; unit++) {
    const first = (unit % panels) * TILE_COLUMNS;
    const columns = min(TILE_COLUMNS, r.n - first);
    let from = r.b + <usize>(unit / panels) * <usize>r.k * step + ((<usize>first) << 2);
    let to = r.packed + ((<usize>unit * r.k) << 5);
    for (let t = 0; t < r.k; t++) {
      if (columns == TILE_COLUMNS) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      } else {
        copyColumns(from, 4, to, columns);
      }
      from += step;
      to += 32;
    }
  }
}

/** b [batch, n, k] to the same panels. */
export function packTransposed(record: usize, begin: i32, end: i32): void {
  const r = changetype<Panels>(record);
  const panels = panelsOf(r);
  const step = (<usize>r.k) << 2;
  for (let unit = begin; unit < end; unit++) {
    const first = (unit % panels) * TILE_COLUMNS;
    const columns = min(TILE_COLUMNS, r.n - first);
    const from = r.b + <usize>(unit / panels) * <usize>r.n * step + <usize>first * step;
    const packed = r.packed + ((<usize>unit * r.k) << 5);
    let t = 0;
    if (columns == TILE_COLUMNS) {
      for (; t + 4 <= r.k; t += 4) {
        const at = from + ((<usize>t) << 2);
        const to = packed + ((<usize>t) << 5);
        transposeBlock(at, step, to, 32);
        transposeBlock(at + step * 4, step, to + 16, 32);
      }
    }
    for (; t < r.k; t++) {
      copyColumns(from + ((<usize>t) << 2), step, packed + ((<usize>t) << 5), columns);
    }
  }
}

function copyColumns(from: usize, step: usize, to: usize, columns: i32): void {
  v128.store(to, f32x4.splat(0));
  v128.store(to, f32x4.splat(0), 16);
  for (let j = 0; j < columns; j++) {
    store<f32>(to, load<f32>(from));
    from += step;
    to += 4;
  }
}
