// For each row, where the next one with its number is: in its block of rows, and from there in the blocks behind.
// A link is the place plus 1, and negative where one with that number stands before; 0 for a number outside. ROWS + 1
// ends a chain. Links are whole floats, as scratch is. Constants: LENGTH, ROWS, BLOCK, SEGMENTS, FAR (where far links begin).

fn next_from(first: u32, end: u32, id: i32) -> u32 {
  for (var at = first; at < end; at++) {
    if (ids[at] == id) { return at; }
  }
  return ROWS;
}

fn is_before(first: u32, begin: u32, id: i32) -> bool {
  for (var at = first; at > begin; at--) {
    if (ids[at - 1u] == id) { return true; }
  }
  return false;
}

fn link(next: u32, before: bool) -> f32 {
  let place = f32(next + 1u);
  return select(place, -place, before);
}

fn make(row: u32) {
  let id = ids[row];
  var near = 0.0;
  var far = 0.0;
  if (u32(id) < SEGMENTS) {
    let begin = row - row % BLOCK;
    let end = min(begin + BLOCK, u32(ROWS));
    let before = is_before(row, begin, id);
    near = link(next_from(row + 1u, end, id), before);
    if (!before) {
      far = link(next_from(end, ROWS, id), is_before(begin, 0u, id));
    }
  }
  links[row] = near;
  links[FAR + row] = far;
}
