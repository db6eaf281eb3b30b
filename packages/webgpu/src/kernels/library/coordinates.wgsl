// Splits a flat index into six coordinates. Axes that take no part have extent 1 and stand last, so
// that dividing by them costs nothing and the first axis needs no remainder.
// Constants: SHAPE_OUTER, SHAPE_INNER.

struct Coordinates {
  outer: vec3<u32>,
  inner: vec3<u32>,
}

fn coordinates(index: u32) -> Coordinates {
  var rest = index;
  let c5 = rest % SHAPE_INNER.z;
  rest = rest / SHAPE_INNER.z;
  let c4 = rest % SHAPE_INNER.y;
  rest = rest / SHAPE_INNER.y;
  let c3 = rest % SHAPE_INNER.x;
  rest = rest / SHAPE_INNER.x;
  let c2 = rest % SHAPE_OUTER.z;
  rest = rest / SHAPE_OUTER.z;
  let c1 = rest % SHAPE_OUTER.y;
  rest = rest / SHAPE_OUTER.y;
  return Coordinates(vec3<u32>(rest, c1, c2), vec3<u32>(c3, c4, c5));
}
