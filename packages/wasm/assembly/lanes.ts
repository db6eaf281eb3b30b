// Partial vectors. Reading past a tensor is harmless (the allocator leaves slack at the end of
// memory); writing past it is not, because padding between tensors must stay as it is.

/** Stores the first `count` (1 to 3) lanes. */
// @ts-ignore: decorator
@inline
export function storeLanes(p: usize, v: v128, count: i32): void {
  v128.store_lane<f32>(p, v, 0);
  if (count > 1) v128.store_lane<f32>(p, v, 1, 4);
  if (count > 2) v128.store_lane<f32>(p, v, 2, 8);
}

/** Stores four lanes, or the first `count` when fewer are left. */
// @ts-ignore: decorator
@inline
export function storeUpTo(p: usize, v: v128, count: i32): void {
  if (count >= 4) v128.store(p, v);
  else storeLanes(p, v, count);
}

/** Loads four lanes; those from `count` on become `fill`. */
// @ts-ignore: decorator
@inline
export function loadUpTo(p: usize, count: i32, fill: f32): v128 {
  const v = v128.load(p);
  if (count >= 4) return v;
  const valid = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
  return v128.bitselect(v, f32x4.splat(fill), valid);
}

// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  const pair = f32x4.add(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1);
}

// @ts-ignore: decorator
@inline
export function maxLanes(v: v128): f32 {
  const pair = f32x4.max(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return max<f32>(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1));
}
