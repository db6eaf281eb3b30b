// Convolution, bias, relu and a max pool of 2 by 2 in one pass, which also notes each cell's winner:
// the byte offset, in the image that is read, of the patch whose gradient the cell's becomes, or −1
// where relu lets none through.
//
// Positions stand four to a cell, so that a block of them comes out of the product as rows to compare,
// and none is computed that no cell covers.
import { constant } from "./math";
import { storeUpTo } from "./lanes";
import { multiplyPatches } from "./patches";
import { topOf, winnerOf } from "./pool-cell";
import { workspace } from "./thread";
import { TILE_COLUMNS } from "./tile";
import { bordered, inputImageBytes, Window } from "./window";

/** A unit is an image. */
// @ts-ignore: decorator
@unmanaged
class ConvolutionPool {
  x: usize;
  bias: usize;
  y: usize;
  /** int32 like y, or 0 when nobody asks. */
  winners: usize;
  window: Window;
  /** Byte offsets of patches, four to a cell. */
  positions: usize;
  taps: usize;
  /** The filter in panels. */
  packed: usize;
  floor: f32;
  pooledHeight: i32;
  pooledWidth: i32;
  /** Cells computed at a time: what a cache holds. */
  block: i32;
  /** In the workspace: a bordered image, what a tile needs, the block's outputs before pooling. */
  copy: usize;
  scratch: usize;
  outputs: usize;
}

export function conv2dMaxPool(record: usize, begin: i32, end: i32): void {
  const r = changetype<ConvolutionPool>(record);
  const w = r.window;
  const k = w.filterHeight * w.filterWidth * w.inputChannels;
  const n = w.outputChannels;
  const panels = (n + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const cells = r.pooledHeight * r.pooledWidth;
  const outputs = workspace + r.outputs;
  for (let i = begin; i < end; i++) {
    const image = bordered(r.x + <usize>i * inputImageBytes(w), w, workspace + r.copy);
    for (let first = 0; first < cells; first += r.block) {
      const count = min(r.block, cells - first);
      multiplyPatches(
        image,
        r.positions + ((<usize>first) << 4),
        4 * count,
        r.taps,
        k,
        r.packed,
        32,
        (<usize>k) << 5,
        n,
        0,
        panels,
        r.bias,
        0,
        outputs,
        (<usize>n) << 2,
        r.floor,
        workspace + r.scratch,
      );
      const offset = (<usize>((i * cells + first) * n)) << 2;
      const winners: usize = r.winners == 0 ? 0 : r.winners + offset;
      poolCells(outputs, count, r.positions + ((<usize>first) << 4), n, r.y + offset, winners, r.floor);
    }
  }
}

/**
 * The maximum of each cell's four rows, and which it was.
 * @param positions four byte offsets to a cell
 */
function poolCells(
  rows: usize,
  count: i32,
  positions: usize,
  channels: i32,
  y: usize,
  winners: usize,
  floor: f32,
): void {
  const row = (<usize>channels) << 2;
  for (let cell = 0; cell < count; cell++) {
    poolCell(rows, channels, y, winners, positions, floor);
    rows += row * 4;
    y += row;
    positions += 16;
    if (winners != 0) winners += row;
  }
}

function poolCell(
  rows: usize,
  channels: i32,
  y: usize,
  winners: usize,
  positions: usize,
  floor: f32,
): void {
  const row = (<usize>channels) << 2;
  const least = constant(floor);
  const none = constant(-0);
  const at0 = v128.load_splat<u32>(positions);
  const at1 = v128.load_splat<u32>(positions, 4);
  const at2 = v128.load_splat<u32>(positions, 8);
  const at3 = v128.load_splat<u32>(positions, 12);
  for (let left = channels; left > 0; left -= 4) {
    const v0 = v128.load(rows);
    const v1 = v128.load(rows + row);
    const v2 = v128.load(rows + row * 2);
    const v3 = v128.load(rows + row * 3);
    const top = topOf(v0, v1, v2, v3, none, least);
    storeUpTo(y, top, left);
    if (winners != 0) {
      storeUpTo(winners, winnerOf(v0, v1, v2, v3, at0, at1, at2, at3, top, least), left);
      winners += 16;
    }
    rows += 16;
    y += 16;
  }
}
