// Sums of products of two tensors, as variances and the gradients of scales are: a, b [outer, reduce,
// inner] to y [outer, inner], without the products ever being stored. Partial sums as in reduce.ts.
import { storeUpTo, sumLanes } from "./lanes";
import { constant } from "./math";

const BLOCK = 128;
/** Columns in a unit: COLUMNS of src/kernels/reductions.ts. */
const COLUMNS = 16;

/** As reduce.ts's Reduction, with two inputs. */
// @ts-ignore: decorator
@unmanaged
class ProductSum {
  a: usize;
  b: usize;
  y: usize;
  reduce: i32;
  inner: i32;
  chunks: i32;
  terms: i32;
}

/** A unit is up to COLUMNS adjacent elements of y. */
export function reduceProduct(record: usize, begin: i32, end: i32): void {
  const r = changetype<ProductSum>(record);
  const inner = r.inner;
  const columnBlocks = (inner + COLUMNS - 1) / COLUMNS;
  const step = (<usize>inner) << 2;
  for (let unit = begin; unit < end; unit++) {
    const row = unit / columnBlocks;
    const column = (unit - row * columnBlocks) * COLUMNS;
    const i = row / r.chunks;
    const from = (row - i * r.chunks) * r.terms;
    const terms = min(r.terms, r.reduce - from);
    const offset = (<usize>i * <usize>r.reduce + <usize>from) * step + ((<usize>column) << 2);
    const y = r.y + <usize>row * step + ((<usize>column) << 2);
    if (inner == 1) store<f32>(y, sumRun(r.a + offset, r.b + offset, terms));
    else sumColumns(r.a + offset, r.b + offset, y, terms, step, inner - column);
  }
}

// @ts-ignore: decorator
@inline
function productAt(a: usize, b: usize): v128 {
  return f32x4.mul(v128.load(a), v128.load(b));
}

/** n adjacent products to one sum. */
function sumRun(a: usize, b: usize, n: i32): f32 {
  let total = constant(0);
  while (n >= 8) {
    let even = constant(0);
    let odd = constant(0);
    let left = min(n >> 3, BLOCK);
    n -= left << 3;
    while (left > 0) {
      even = f32x4.add(even, productAt(a, b));
      odd = f32x4.add(odd, productAt(a + 16, b + 16));
      a += 32;
      b += 32;
      left--;
    }
    total = f32x4.add(total, f32x4.add(even, odd));
  }
  let sum = sumLanes(total);
  while (n > 0) {
    sum += load<f32>(a) * load<f32>(b);
    a += 4;
    b += 4;
    n--;
  }
  return sum;
}

function sumColumns(a: usize, b: usize, y: usize, terms: i32, step: usize, columns: i32): void {
  if (columns >= COLUMNS) {
    sumSixteen(a, b, y, terms, step);
    return;
  }
  for (let j = 0; j < columns; j += 4) {
    storeUpTo(y, sumFour(a, b, terms, step), columns - j);
    a += 16;
    b += 16;
    y += 16;
  }
}

function sumFour(a: usize, b: usize, terms: i32, step: usize): v128 {
  let total = constant(0);
  while (terms > 0) {
    let sum = constant(0);
    let left = min(terms, BLOCK);
    terms -= left;
    while (left > 0) {
      sum = f32x4.add(sum, productAt(a, b));
      a += step;
      b += step;
      left--;
    }
    total = f32x4.add(total, sum);
  }
  return total;
}

function sumSixteen(a: usize, b: usize, y: usize, terms: i32, step: usize): void {
  v128.store(y, constant(0));
  v128.store(y, constant(0), 16);
  v128.store(y, constant(0), 32);
  v128.store(y, constant(0), 48);
  while (terms > 0) {
    let sum0 = constant(0);
    let sum1 = constant(0);
    let sum2 = constant(0);
    let sum3 = constant(0);
    let left = min(terms, BLOCK);
    terms -= left;
    while (left > 0) {
      sum0 = f32x4.add(sum0, productAt(a, b));
      sum1 = f32x4.add(sum1, productAt(a + 16, b + 16));
      sum2 = f32x4.add(sum2, productAt(a + 32, b + 32));
      sum3 = f32x4.add(sum3, productAt(a + 48, b + 48));
      a += step;
      b += step;
      left--;
    }
    v128.store(y, f32x4.add(v128.load(y), sum0));
    v128.store(y, f32x4.add(v128.load(y, 16), sum1), 16);
    v128.store(y, f32x4.add(v128.load(y, 32), sum2), 32);
    v128.store(y, f32x4.add(v128.load(y, 48), sum3), 48);
  }
}
