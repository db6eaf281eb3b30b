// Writes up to four values side by side into the ring's row of this step.
// Constants: RING_ROWS, RING_COLUMNS, FIRST_COLUMN, LENGTH_A ... LENGTH_D (0: not there), LENGTH.

fn make(index: u32) {
  let to_b = LENGTH_A;
  let to_c = to_b + LENGTH_B;
  let to_d = to_c + LENGTH_C;
  var value: f32;
  if (index < u32(to_b)) {
    value = f32(a[index]);
  } else if (index < u32(to_c)) {
    value = f32(b[index - u32(to_b)]);
  } else if (index < u32(to_d)) {
    value = f32(c[index - u32(to_c)]);
  } else {
    value = f32(d[index - u32(to_d)]);
  }
  ring[(step_number() % RING_ROWS) * RING_COLUMNS + FIRST_COLUMN + index] = value;
}
