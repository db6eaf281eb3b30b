// The gradient for the input of a convolution whose output goes through a max pool. Cell by cell, the
// channels that each of its four positions won are listed; their filters, times their gradients, are
// summed in registers and added once where the position's patch lies.
import { constant } from "./math";
import { workspace } from "./thread";
import { cropBorder, inputImageBytes, readImageBytes, Window } from "./window";
import { addExactly, ENTRY_BYTES } from "./winners";

/** A unit is an image. */
// @ts-ignore: decorator
@unmanaged
class InputByWinners {
  dy: usize;
  winners: usize;
  /** The filter as [Co, taps]. */
  turned: usize;
  dx: usize;
  window: Window;
  /** Four byte offsets to a cell. */
  positions: usize;
  taps: usize;
  cells: i32;
  /** In the workspace: a bordered image, and four lists with their ends. */
  copy: usize;
  lists: usize;
  ends: usize;
}

export function inputByWinners(record: usize, begin: i32, end: i32): void {
  const r = changetype<InputByWinners>(record);
  const w = r.window;
  const cellBytes = (<usize>w.outputChannels) << 2;
  for (let i = begin; i < end; i++) {
    const dx = r.dx + <usize>i * inputImageBytes(w);
    const target = w.paddedHeight == 0 ? dx : workspace + r.copy;
    memory.fill(target, 0, readImageBytes(w));
    let offset = <usize>(i * r.cells) * cellBytes;
    let positions = r.positions;
    for (let cell = 0; cell < r.cells; cell++) {
      listCell(r, r.dy + offset, r.winners + offset, positions);
      addCell(r, target, positions);
      offset += cellBytes;
      positions += 16;
    }
    if (w.paddedHeight != 0) cropBorder(target, dx, w);
  }
}

/** Which channels each of the four positions won: the address of the channel's filter, its gradient. */
function listCell(r: InputByWinners, dy: usize, winners: usize, positions: usize): void {
  const w = r.window;
  const channels = w.outputChannels;
  const filterBytes = (w.filterHeight * w.filterWidth * w.inputChannels) << 2;
  const room = <usize>(channels + 1) * ENTRY_BYTES;
  const lists = workspace + r.lists;
  const ends = workspace + r.ends;
  for (let corner: usize = 0; corner < 4; corner++) {
    store<usize>(ends + (corner << 2), lists + corner * room);
  }
  const at1 = v128.load_splat<u32>(positions, 4);
  const at2 = v128.load_splat<u32>(positions, 8);
  const at3 = v128.load_splat<u32>(positions, 12);
  const base = <i32>r.turned;
  let filters = i32x4(
    base,
    base + filterBytes,
    base + 2 * filterBytes,
    base + 3 * filterBytes,
  );
  const step = i32x4.splat(4 * filterBytes);
  for (let c = 0; c < channels; c += 4) {
    const winner = v128.load(winners);
    const value = v128.load(dy);
    const count = v128.andnot(f32x4.ne(value, constant(0)), i32x4.shr_s(winner, 31));
    // Which of the four ends, in bytes.
    const first = v128.and(i32x4.eq(winner, at1), i32x4.splat(4));
    const second = v128.and(i32x4.eq(winner, at2), i32x4.splat(8));
    const third = v128.and(i32x4.eq(winner, at3), i32x4.splat(12));
    const corner = v128.or(v128.or(first, second), third);
    const bits = i32x4.bitmask(count);
    const low = v128.shuffle<i32>(filters, value, 0, 4, 1, 5);
    const high = v128.shuffle<i32>(filters, value, 2, 6, 3, 7);
    const left = channels - c;
    // Written always and kept if it counts: a branch here would be guessed wrong too often.
    let end = ends + i32x4.extract_lane(corner, 0);
    let at = load<usize>(end);
    v128.store_lane<u64>(at, low, 0);
    store<usize>(end, at + ((bits & 1) << 3));
    if (left > 1) {
      end = ends + i32x4.extract_lane(corner, 1);
      at = load<usize>(end);
      v128.store_lane<u64>(at, low, 1);
      store<usize>(end, at + ((bits & 2) << 2));
    }
    if (left > 2) {
      end = ends + i32x4.extract_lane(corner, 2);
      at = load<usize>(end);
      v128.store_lane<u64>(at, high, 0);
      store<usize>(end, at + ((bits & 4) << 1));
    }
    if (left > 3) {
      end = ends + i32x4.extract_lane(corner, 3);
      at = load<usize>(end);
      v128.store_lane<u64>(at, high, 1);
      store<usize>(end, at + (bits & 8));
    }
    filters = i32x4.add(filters, step);
    winners += 16;
    dy += 16;
  }
}

/** Adds the patches of a cell's four positions. */
function addCell(r: InputByWinners, target: usize, positions: usize): void {
  const w = r.window;
  const run = w.filterWidth * w.inputChannels;
  const runBytes = (<usize>run) << 2;
  const room = <usize>(w.outputChannels + 1) * ENTRY_BYTES;
  let list = workspace + r.lists;
  const ends = workspace + r.ends;
  for (let corner: usize = 0; corner < 4; corner++) {
    const end = load<usize>(ends + (corner << 2));
    if (end > list) {
      const patch = target + load<u32>(positions + (corner << 2));
      for (let row = 0; row < w.filterHeight; row++) {
        const tap = <usize>load<u32>(r.taps + <usize>row * runBytes);
        addExactly(list, end, <usize>row * runBytes, patch + tap, run);
      }
    }
    list += room;
  }
}
