// Recurrent layers over all their time steps, and the same backwards.
//
// Rows of a batch never see each other, so a thread takes its rows through all steps by itself and waits for nobody: a
// unit is TILE_ROWS of them. What a step multiplies by lies packed in panels (packKernel), and stays in the cache.
import { multiplyRows } from "./product";
import { activate4, slope4 } from "./recurrent-activations";
import { storeUpTo } from "./lanes";
import { constant, madd } from "./math";
import { workspace } from "./thread";
import { TILE_BYTES, TILE_COLUMNS, TILE_ROWS } from "./tile";

// @ts-ignore: decorator
@unmanaged
class Kernel {
  source: usize;
  packed: usize;
  /** Bytes before what is packed. */
  skipped: usize;
  k: i32;
  n: i32;
  /** Bytes between the rows of what is packed, and between its columns. */
  rowStep: usize;
  columnStep: usize;
}

/** A matrix [k, n], or a part of one, perhaps transposed, to panels [⌈n / 8⌉, k, 8]. A unit is a panel. */
export function packKernel(record: usize, begin: i32, end: i32): void {
  const r = changetype<Kernel>(record);
  for (let panel = begin; panel < end; panel++) {
    const columns = min(TILE_COLUMNS, r.n - panel * TILE_COLUMNS);
    const first = r.source + r.skipped + <usize>(panel * TILE_COLUMNS) * r.columnStep;
    let to = r.packed + ((<usize>(panel * r.k)) << 5);
    for (let row = 0; row < r.k; row++) {
      let from = first + <usize>row * r.rowStep;
      v128.store(to, constant(0));
      v128.store(to, constant(0), 16);
      for (let column = 0; column < columns; column++) {
        store<f32>(to + ((<usize>column) << 2), load<f32>(from));
        from += r.columnStep;
      }
      to += 32;
    }
  }
}

// @ts-ignore: decorator
@unmanaged
class Layer {
  steps: i32;
  batch: i32;
  units: i32;
  activation: i32;
  recurrentActivation: i32;
  /** Offset of SCRATCH_BYTES in the workspace. */
  scratch: usize;
  /** The recurrent kernel in panels, and the part of it behind a GRU's reset. */
  packed: usize;
  packedOwn: usize;
  /** [steps, batch, gates · units]: forward what the inputs give; backward its gradient, which is the result. */
  z: usize;
  /** First states, [batch, units]; backward of the states themselves where the loop needs them. */
  h0: usize;
  c0: usize;
  /** [steps, batch, units] */
  h: usize;
  c: usize;
  /** [steps, batch, gates · units] */
  gates: usize;
  /** Gradients of the states, [steps, batch, units]. */
  dh: usize;
  dc: usize;
  /** Gradients of the first states, [batch, units]; until then what later steps give. */
  dh0: usize;
  dc0: usize;
}

/** Bytes of a row of units. */
// @ts-ignore: decorator
@inline
function rowOf(r: Layer): usize {
  return (<usize>r.units) << 2;
}

/** Address of a row of [steps, batch, parts · units]. */
// @ts-ignore: decorator
@inline
function at(r: Layer, start: usize, step: i32, row: i32, parts: i32): usize {
  return start + (<usize>(step * r.batch + row) * <usize>parts) * rowOf(r);
}

/** The state before a step: that of the step before, or the first. */
// @ts-ignore: decorator
@inline
function before(r: Layer, states: usize, first: usize, step: i32, row: i32): usize {
  return step > 0 ? at(r, states, step - 1, row, 1) : first + <usize>row * rowOf(r);
}

/** Eight zeros to start a sum from. */
function zerosOf(r: Layer): usize {
  const zeros = workspace + r.scratch + TILE_BYTES;
  memory.fill(zeros, 0, 32);
  return zeros;
}

export function simpleRnn(record: usize, begin: i32, end: i32): void {
  const r = changetype<Layer>(record);
  const first = begin * TILE_ROWS;
  const rows = min(end * TILE_ROWS, r.batch) - first;
  const step = rowOf(r);
  const tile = workspace + r.scratch;
  for (let t = 0; t < r.steps; t++) {
    const h = at(r, r.h, t, first, 1);
    const z = at(r, r.z, t, first, 1);
    const a = before(r, r.h, r.h0, t, first);
    multiplyRows(a, step, rows, r.units, r.packed, r.units, z, step, h, step, tile);
    activateRows(r.activation, h, step, rows, r.units);
  }
}

/** Activations in place, of `columns` elements of each row. */
function activateRows(activation: i32, y: usize, step: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += 4) {
      const place = y + ((<usize>column) << 2);
      storeUpTo(place, activate4(activation, v128.load(place)), columns - column);
    }
    y += step;
  }
}

export function simpleRnnGrad(record: usize, begin: i32, end: i32): void {
  const r = changetype<Layer>(record);
  const first = begin * TILE_ROWS;
  const rows = min(end * TILE_ROWS, r.batch) - first;
  const step = rowOf(r);
  const tile = workspace + r.scratch;
  const zeros = zerosOf(r);
  const later = r.dh0 + <usize>first * step;
  memory.fill(later, 0, <usize>rows * step);
  const count = rows * r.units;
  for (let t = r.steps - 1; t >= 0; t--) {
    const h = at(r, r.h, t, first, 1);
    const dh = at(r, r.dh, t, first, 1);
    const dz = at(r, r.z, t, first, 1);
    for (let i = 0; i < count; i += 4) {
      const place = (<usize>i) << 2;
      const all = f32x4.add(v128.load(dh + place), v128.load(later + place));
      storeUpTo(dz + place, slope4(r.activation, v128.load(h + place), all), count - i);
    }
    multiplyRows(dz, step, rows, r.units, r.packed, r.units, zeros, 0, later, step, tile);
  }
}

export function lstm(record: usize, begin: i32, end: i32): void {
  const r = changetype<Layer>(record);
  const first = begin * TILE_ROWS;
  const rows = min(end * TILE_ROWS, r.batch) - first;
  const step = rowOf(r);
  const wide = step << 2;
  const tile = workspace + r.scratch;
  for (let t = 0; t < r.steps; t++) {
    let gates = at(r, r.gates, t, first, 4);
    const z = at(r, r.z, t, first, 4);
    const a = before(r, r.h, r.h0, t, first);
    multiplyRows(a, step, rows, r.units, r.packed, r.units * 4, z, wide, gates, wide, tile);
    let old = before(r, r.c, r.c0, t, first);
    let c = at(r, r.c, t, first, 1);
    let h = at(r, r.h, t, first, 1);
    for (let row = 0; row < rows; row++) {
      lstmCell(r, gates, old, c, h);
      gates += wide;
      old += step;
      c += step;
      h += step;
    }
  }
}

/** One row: gates become their activations. */
// @ts-ignore: decorator
@inline
function lstmCell(r: Layer, gates: usize, old: usize, c: usize, h: usize): void {
  const step = rowOf(r);
  const own = r.activation;
  const recurrent = r.recurrentActivation;
  for (let column = 0; column < r.units; column += 4) {
    const place = (<usize>column) << 2;
    const count = r.units - column;
    const gate = gates + place;
    const i = activate4(recurrent, v128.load(gate));
    const f = activate4(recurrent, v128.load(gate + step));
    const g = activate4(own, v128.load(gate + step * 2));
    const o = activate4(recurrent, v128.load(gate + step * 3));
    const state = madd(f, v128.load(old + place), f32x4.mul(i, g));
    storeUpTo(gate, i, count);
    storeUpTo(gate + step, f, count);
    storeUpTo(gate + step * 2, g, count);
    storeUpTo(gate + step * 3, o, count);
    storeUpTo(c + place, state, count);
    storeUpTo(h + place, f32x4.mul(o, activate4(own, state)), count);
  }
}

export function lstmGrad(record: usize, begin: i32, end: i32): void {
  const r = changetype<Layer>(record);
  const first = begin * TILE_ROWS;
  const rows = min(end * TILE_ROWS, r.batch) - first;
  const step = rowOf(r);
  const wide = step << 2;
  const tile = workspace + r.scratch;
  const zeros = zerosOf(r);
  const laterH = r.dh0 + <usize>first * step;
  const laterC = r.dc0 + <usize>first * step;
  memory.fill(laterH, 0, <usize>rows * step);
  memory.fill(laterC, 0, <usize>rows * step);
  for (let t = r.steps - 1; t >= 0; t--) {
    const dz = at(r, r.z, t, first, 4);
    for (let row = 0; row < rows; row++) {
      const offset = <usize>row * step;
      lstmCellGrad(
        r,
        at(r, r.gates, t, first + row, 4),
        before(r, r.c, r.c0, t, first + row),
        at(r, r.c, t, first + row, 1),
        at(r, r.dh, t, first + row, 1),
        at(r, r.dc, t, first + row, 1),
        laterH + offset,
        laterC + offset,
        dz + <usize>row * wide,
      );
    }
    multiplyRows(dz, wide, rows, r.units * 4, r.packed, r.units, zeros, 0, laterH, step, tile);
  }
}

// @ts-ignore: decorator
@inline
function lstmCellGrad(
  r: Layer,
  gates: usize,
  old: usize,
  c: usize,
  dh: usize,
  dc: usize,
  laterH: usize,
  laterC: usize,
  dz: usize,
): void {
  const step = rowOf(r);
  const own = r.activation;
  const recurrent = r.recurrentActivation;
  for (let column = 0; column < r.units; column += 4) {
    const place = (<usize>column) << 2;
    const count = r.units - column;
    const gate = gates + place;
    const i = v128.load(gate);
    const f = v128.load(gate + step);
    const g = v128.load(gate + step * 2);
    const o = v128.load(gate + step * 3);
    const active = activate4(own, v128.load(c + place));
    const toH = f32x4.add(v128.load(dh + place), v128.load(laterH + place));
    const given = f32x4.add(v128.load(dc + place), v128.load(laterC + place));
    const toC = f32x4.add(given, slope4(own, active, f32x4.mul(toH, o)));
    const toF = f32x4.mul(toC, v128.load(old + place));
    const to = dz + place;
    storeUpTo(to, slope4(recurrent, i, f32x4.mul(toC, g)), count);
    storeUpTo(to + step, slope4(recurrent, f, toF), count);
    storeUpTo(to + step * 2, slope4(own, g, f32x4.mul(toC, i)), count);
    storeUpTo(to + step * 3, slope4(recurrent, o, f32x4.mul(toH, active)), count);
    storeUpTo(laterC + place, f32x4.mul(toC, f), count);
  }
}

export function gru(record: usize, begin: i32, end: i32): void {
  const r = changetype<Layer>(record);
  const first = begin * TILE_ROWS;
  const rows = min(end * TILE_ROWS, r.batch) - first;
  const units = r.units;
  const step = rowOf(r);
  const wide = step * 3;
  const tile = workspace + r.scratch;
  for (let t = 0; t < r.steps; t++) {
    const gates = at(r, r.gates, t, first, 3);
    const z = at(r, r.z, t, first, 3);
    const old = before(r, r.h, r.h0, t, first);
    const h = at(r, r.h, t, first, 1);
    multiplyRows(old, step, rows, units, r.packed, units * 2, z, wide, gates, wide, tile);
    activateRows(r.recurrentActivation, gates, wide, rows, units * 2);
    // Until the step ends its own state holds what the reset leaves of the old one.
    for (let row = 0; row < rows; row++) {
      const reset = gates + <usize>row * wide + step;
      const offset = <usize>row * step;
      for (let column = 0; column < units; column += 4) {
        const place = (<usize>column) << 2;
        const left = f32x4.mul(v128.load(reset + place), v128.load(old + offset + place));
        storeUpTo(h + offset + place, left, units - column);
      }
    }
    const skipped = step * 2;
    multiplyRows(h, step, rows, units, r.packedOwn, units, z + skipped, wide, gates + skipped, wide, tile);
    activateRows(r.activation, gates + skipped, wide, rows, units);
    for (let row = 0; row < rows; row++) {
      const gate = gates + <usize>row * wide;
      const offset = <usize>row * step;
      for (let column = 0; column < units; column += 4) {
        const place = (<usize>column) << 2;
        const u = v128.load(gate + place);
        const n = v128.load(gate + skipped + place);
        const kept = f32x4.mul(u, v128.load(old + offset + place));
        const state = madd(f32x4.sub(constant(1), u), n, kept);
        storeUpTo(h + offset + place, state, units - column);
      }
    }
  }
}

export function gruGrad(record: usize, begin: i32, end: i32): void {
  const r = changetype<Layer>(record);
  const first = begin * TILE_ROWS;
  const rows = min(end * TILE_ROWS, r.batch) - first;
  const units = r.units;
  const step = rowOf(r);
  const wide = step * 3;
  const tile = workspace + r.scratch;
  const zeros = zerosOf(r);
  const later = r.dh0 + <usize>first * step;
  memory.fill(later, 0, <usize>rows * step);
  for (let t = r.steps - 1; t >= 0; t--) {
    const dz = at(r, r.z, t, first, 3);
    const gates = at(r, r.gates, t, first, 3);
    const old = before(r, r.h, r.h0, t, first);
    const dh = at(r, r.dh, t, first, 1);
    for (let row = 0; row < rows; row++) {
      const gate = gates + <usize>row * wide;
      const to = dz + <usize>row * wide;
      const offset = <usize>row * step;
      for (let column = 0; column < units; column += 4) {
        const place = (<usize>column) << 2;
        const count = units - column;
        const u = v128.load(gate + place);
        const n = v128.load(gate + step * 2 + place);
        const toH = f32x4.add(v128.load(dh + offset + place), v128.load(later + offset + place));
        const change = f32x4.sub(v128.load(old + offset + place), n);
        const rest = f32x4.sub(constant(1), u);
        storeUpTo(to + place, slope4(r.recurrentActivation, u, f32x4.mul(toH, change)), count);
        storeUpTo(to + step * 2 + place, slope4(r.activation, n, f32x4.mul(toH, rest)), count);
        storeUpTo(later + offset + place, f32x4.mul(toH, u), count);
      }
    }
    // What the reset left, in the place that its own gradient takes afterwards.
    const own = dz + step * 2;
    multiplyRows(own, wide, rows, units, r.packedOwn, units, zeros, 0, dz + step, wide, tile);
    for (let row = 0; row < rows; row++) {
      const reset = gates + <usize>row * wide + step;
      const to = dz + <usize>row * wide + step;
      const offset = <usize>row * step;
      for (let column = 0; column < units; column += 4) {
        const place = (<usize>column) << 2;
        const count = units - column;
        const gate = v128.load(reset + place);
        const toReset = v128.load(to + place);
        const toR = f32x4.mul(toReset, v128.load(old + offset + place));
        const kept = madd(toReset, gate, v128.load(later + offset + place));
        storeUpTo(to + place, slope4(r.recurrentActivation, gate, toR), count);
        storeUpTo(later + offset + place, kept, count);
      }
    }
    multiplyRows(dz, wide, rows, units * 2, r.packed, units, later, step, later, step, tile);
  }
}
