// Splits a flat index into up to six coordinates. Axes that take no part have extent 1 and stand last;
// the first axis needs no remainder. Constants: RANK, SHAPE_OUTER, SHAPE_INNER.

struct Coordinates {
  outer: vec3<u32>,
  inner: vec3<u32>,
}

fn coordinates(index: u32) -> Coordinates {
  var rest = index;
  var outer = vec3<u32>();
  var inner = vec3<u32>();
  // Dividing by 1 is not free on every driver.
  if (RANK > 5) {
    inner.z = rest % SHAPE_INNER.z;
    rest = rest / SHAPE_INNER.z;
  }
  if (RANK > 4) {
    inner.y = rest % SHAPE_INNER.y;
    rest = rest / SHAPE_INNER.y;
  }
  if (RANK > 3) {
    inner.x = rest % SHAPE_INNER.x;
    rest = rest / SHAPE_INNER.x;
  }
  if (RANK > 2) {
    outer.z = rest % SHAPE_OUTER.z;
    rest = rest / SHAPE_OUTER.z;
  }
  if (RANK > 1) {
    outer.y = rest % SHAPE_OUTER.y;
    rest = rest / SHAPE_OUTER.y;
  }
  outer.x = rest;
  return Coordinates(outer, inner);
}
