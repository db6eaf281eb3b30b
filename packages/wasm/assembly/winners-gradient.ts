// The gradients for filter and bias of a convolution whose output goes through a max pool: see
// winners.ts for how only winners are followed.
import { transposeBlock } from "./copy";
import { storeUpTo } from "./lanes";
import { constant } from "./math";
import { workspace } from "./thread";
import { bordered, inputImageBytes, readImageBytes, Window } from "./window";
import { addRuns, ENTRY_BYTES, listWinners, sumList } from "./winners";

/**
 * partials [chunks, Co, width]: each channel's row holds its gradient, a row of the filter after
 * another, each filled up to whole vectors, and then that of the bias. A unit is a share of the
 * channels of one chunk.
 */
// @ts-ignore: decorator
@unmanaged
class FilterByWinners {
  x: usize;
  dy: usize;
  winners: usize;
  partials: usize;
  window: Window;
  taps: usize;
  cells: i32;
  chunks: i32;
  /** Shares of the channels, and their size. */
  shares: i32;
  shareChannels: i32;
  /** Elements in a partial row, and in one row of the filter within it. */
  width: i32;
  runWidth: i32;
  /** Images whose patches stay in a cache together. */
  group: i32;
  /** In the workspace: bordered images of a group, lists and their ends. */
  copy: usize;
  lists: usize;
  ends: usize;
}

export function filterByWinners(record: usize, begin: i32, end: i32): void {
  const r = changetype<FilterByWinners>(record);
  const w = r.window;
  for (let unit = begin; unit < end; unit++) {
    const chunk = unit / r.shares;
    const first = (unit - chunk * r.shares) * r.shareChannels;
    const last = min(w.outputChannels, first + r.shareChannels);
    const firstImage = (w.batch * chunk) / r.chunks;
    const endImage = (w.batch * (chunk + 1)) / r.chunks;
    const rowBytes = (<usize>r.width) << 2;
    const sums = r.partials + <usize>(chunk * w.outputChannels + first) * rowBytes;
    memory.fill(sums, 0, <usize>(last - first) * rowBytes);
    for (let image = firstImage; image < endImage; image += r.group) {
      addGroup(r, image, min(endImage, image + r.group), first, last, sums);
    }
  }
}

/** Some images' share of the sums of channels `first` to before `last`. */
function addGroup(
  r: FilterByWinners,
  image: i32,
  endImage: i32,
  first: i32,
  last: i32,
  sums: usize,
): void {
  const w = r.window;
  const lists = workspace + r.lists;
  const ends = workspace + r.ends;
  const room = <usize>(r.cells * r.group + 1) * ENTRY_BYTES;
  const cellBytes = (<usize>(r.cells * w.outputChannels)) << 2;
  for (let c = first; c < last; c++) {
    store<usize>(ends + ((<usize>c) << 2), lists + <usize>(c - first) * room);
  }
  let copy = workspace + r.copy;
  for (let i = image; i < endImage; i++) {
    const offset = <usize>i * cellBytes;
    listWinners(
      r.dy + offset,
      r.winners + offset,
      r.cells,
      w.outputChannels,
      first,
      last,
      bordered(r.x + <usize>i * inputImageBytes(w), w, copy),
      ends,
    );
    copy += readImageBytes(w);
  }
  const run = w.filterWidth * w.inputChannels;
  for (let row = 0; row < w.filterHeight; row++) {
    const offset = <usize>load<u32>(r.taps + ((<usize>(row * run)) << 2));
    let target = sums + ((<usize>(row * r.runWidth)) << 2);
    let list = lists;
    for (let c = first; c < last; c++) {
      addRuns(list, load<usize>(ends + ((<usize>c) << 2)), offset, target, run);
      target += (<usize>r.width) << 2;
      list += room;
    }
  }
  let bias = sums + ((<usize>(w.filterHeight * r.runWidth)) << 2);
  let list = lists;
  for (let c = first; c < last; c++) {
    store<f32>(bias, load<f32>(bias) + sumList(list, load<usize>(ends + ((<usize>c) << 2))));
    bias += (<usize>r.width) << 2;
    list += room;
  }
}

/** dFilter [taps, Co] and dBias [Co] out of the partials. A unit is four elements of a partial row. */
// @ts-ignore: decorator
@unmanaged
class FilterPartials {
  partials: usize;
  dFilter: usize;
  /** 0 when nobody asks. */
  dBias: usize;
  chunks: i32;
  channels: i32;
  width: i32;
  /** Elements in a row of the filter, and with what fills it up to whole vectors. */
  run: i32;
  runWidth: i32;
  /** Which element of a partial row is the bias. */
  biasAt: i32;
  /** In the workspace: blocks of four by four before and after turning. */
  block: usize;
}

export function addFilterPartials(record: usize, begin: i32, end: i32): void {
  const r = changetype<FilterPartials>(record);
  const rowBytes = (<usize>r.width) << 2;
  const chunkBytes = <usize>r.channels * rowBytes;
  const before = workspace + r.block;
  const after = before + 64;
  const vectors = r.runWidth >> 2;
  for (let unit = begin; unit < end; unit++) {
    const filterRow = unit / vectors;
    const at = (unit - filterRow * vectors) * 4;
    for (let c = 0; c < r.channels; c += 4) {
      const count = min(4, r.channels - c);
      for (let i = 0; i < count; i++) {
        const from = r.partials + <usize>(c + i) * rowBytes + ((<usize>unit) << 4);
        v128.store(before + ((<usize>i) << 4), sumChunks(from, r.chunks, chunkBytes));
      }
      transposeBlock(before, 16, after, 16);
      for (let i = 0; i < 4; i++) {
        const value = v128.load(after + ((<usize>i) << 4));
        if (4 * unit + i == r.biasAt) {
          if (r.dBias != 0) storeUpTo(r.dBias + ((<usize>c) << 2), value, count);
        } else if (at + i < r.run && 4 * unit + i < r.biasAt) {
          const element = (filterRow * r.run + at + i) * r.channels + c;
          storeUpTo(r.dFilter + ((<usize>element) << 2), value, count);
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function sumChunks(from: usize, chunks: i32, step: usize): v128 {
  let sum = constant(0);
  while (chunks > 0) {
    sum = f32x4.add(sum, v128.load(from));
    from += step;
    chunks--;
  }
  return sum;
}
