// The four values of a pool's cell: the greatest, with a NaN if there is one, and which it was.
//
// f32x4.max, which keeps a NaN, is eight instructions where pmax is one; so the greatest is taken by
// pmax, and a NaN is found by its being unlike itself.

/** Lanes of `a` where the mask is all ones, of `b` where it is all zeros. */
// @ts-ignore: decorator
@inline
export function choose(a: v128, b: v128, mask: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD
    ? i32x4.relaxed_laneselect(a, b, mask)
    : v128.bitselect(a, b, mask);
}

/** max(greatest of the four + bias, least); NaN where one of them is. */
// @ts-ignore: decorator
@inline
export function topOf(v0: v128, v1: v128, v2: v128, v3: v128, bias: v128, least: v128): v128 {
  const greatest = f32x4.pmax(f32x4.pmax(v0, v1), f32x4.pmax(v2, v3));
  const first = v128.or(f32x4.ne(v0, v0), f32x4.ne(v1, v1));
  const second = v128.or(f32x4.ne(v2, v2), f32x4.ne(v3, v3));
  const top = f32x4.pmax(f32x4.add(greatest, bias), least);
  return v128.or(top, v128.or(first, second));
}

/** Of four places, that of the first greatest value; −1 where `top` is not above `least`. */
// @ts-ignore: decorator
@inline
export function winnerOf(
  v0: v128,
  v1: v128,
  v2: v128,
  v3: v128,
  at0: v128,
  at1: v128,
  at2: v128,
  at3: v128,
  top: v128,
  least: v128,
): v128 {
  // A later one must be greater.
  const upper = choose(at1, at0, f32x4.gt(v1, v0));
  const lower = choose(at3, at2, f32x4.gt(v3, v2));
  const isLower = f32x4.gt(f32x4.pmax(v2, v3), f32x4.pmax(v0, v1));
  return v128.or(choose(lower, upper, isLower), f32x4.le(top, least));
}
