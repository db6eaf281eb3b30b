// Filters of 3 by 3 for winograd.ts: G · g · Gᵀ, in panels of eight output channels.
import { constant } from "./math";
import { loadUpTo } from "./lanes";
import { TILE_COLUMNS } from "./tile";

/** A unit is a panel. */
// @ts-ignore: decorator
@unmanaged
class WinogradFilter {
  /** [3, 3, Ci, Co] */
  filter: usize;
  /** [16, panels, Ci, 8] */
  transformed: usize;
  inputChannels: i32;
  outputChannels: i32;
}

export function winogradFilter(record: usize, begin: i32, end: i32): void {
  const r = changetype<WinogradFilter>(record);
  const row = (<usize>r.outputChannels) << 2;
  const tap = <usize>r.inputChannels * row;
  const panels = (r.outputChannels + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const panelBytes = (<usize>r.inputChannels) << 5;
  for (let panel = begin; panel < end; panel++) {
    const channel = panel * TILE_COLUMNS;
    for (let half = 0; half < TILE_COLUMNS; half += 4) {
      const count = r.outputChannels - channel - half;
      let from = r.filter + ((<usize>(channel + half)) << 2);
      let to = r.transformed + <usize>panel * panelBytes + ((<usize>half) << 2);
      for (let c = 0; c < r.inputChannels; c++) {
        transform(from, tap, 3 * tap, count, to, <usize>panels * panelBytes);
        from += row;
        to += 32;
      }
    }
  }
}

/**
 * The same for the gradient of the input, a convolution of dy by the filter turned by half a turn with
 * its channels exchanged: `inputChannels` are those of dy, and `outputChannels` those of x.
 */
export function winogradTurnedFilter(record: usize, begin: i32, end: i32): void {
  const r = changetype<WinogradFilter>(record);
  const panels = (r.outputChannels + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const panelBytes = (<usize>r.inputChannels) << 5;
  const tap = (<usize>(r.inputChannels * r.outputChannels)) << 2;
  for (let panel = begin; panel < end; panel++) {
    for (let j = 0; j < TILE_COLUMNS; j++) {
      const channel = panel * TILE_COLUMNS + j;
      let to = r.transformed + <usize>panel * panelBytes + ((<usize>j) << 2);
      for (let c = 0; c < r.inputChannels; c++) {
        const from = r.filter + ((<usize>(channel * r.inputChannels + c)) << 2);
        transformOne(from, tap, channel < r.outputChannels, to, <usize>panels * panelBytes);
        to += 32;
      }
    }
  }
}

/** Four output channels of one input channel. @param step bytes between the 16 matrices */
function transform(
  from: usize,
  column: usize,
  line: usize,
  count: i32,
  to: usize,
  step: usize,
): void {
  const half = constant(0.5);
  for (let row = 0; row < 4; row++) {
    const t0 = filterRow(from, line, row, count, half);
    const t1 = filterRow(from + column, line, row, count, half);
    const t2 = filterRow(from + 2 * column, line, row, count, half);
    const sum = f32x4.add(t0, t2);
    v128.store(to, t0);
    v128.store(to + step, f32x4.mul(half, f32x4.add(sum, t1)));
    v128.store(to + 2 * step, f32x4.mul(half, f32x4.sub(sum, t1)));
    v128.store(to + 3 * step, t2);
    to += 4 * step;
  }
}

// @ts-ignore: decorator
@inline
function filterRow(from: usize, line: usize, row: i32, count: i32, half: v128): v128 {
  const none = constant(0);
  if (count <= 0) return none;
  const first = loadUpTo(from, count, 0);
  const last = loadUpTo(from + 2 * line, count, 0);
  if (row == 0) return first;
  if (row == 3) return last;
  const middle = loadUpTo(from + line, count, 0);
  const sum = f32x4.add(first, last);
  return f32x4.mul(half, row == 1 ? f32x4.add(sum, middle) : f32x4.sub(sum, middle));
}

/** One pair of channels of the turned filter: taps in reverse order. */
function transformOne(from: usize, tap: usize, isThere: bool, to: usize, step: usize): void {
  for (let row = 0; row < 4; row++) {
    const t0: f32 = isThere ? turnedRow(from + 2 * tap, tap, row) : 0;
    const t1: f32 = isThere ? turnedRow(from + tap, tap, row) : 0;
    const t2: f32 = isThere ? turnedRow(from, tap, row) : 0;
    const sum = t0 + t2;
    store<f32>(to, t0);
    store<f32>(to + step, <f32>0.5 * (sum + t1));
    store<f32>(to + 2 * step, <f32>0.5 * (sum - t1));
    store<f32>(to + 3 * step, t2);
    to += 4 * step;
  }
}

// @ts-ignore: decorator
@inline
function turnedRow(from: usize, tap: usize, row: i32): f32 {
  const first = load<f32>(from + 6 * tap);
  const middle = load<f32>(from + 3 * tap);
  const last = load<f32>(from);
  if (row == 0) return first;
  if (row == 3) return last;
  const sum = first + last;
  return <f32>0.5 * (row == 1 ? sum + middle : sum - middle);
}
