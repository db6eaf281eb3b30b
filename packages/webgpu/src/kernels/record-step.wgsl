// Writes values side by side into the ring's row of this step.
// Constants: RING_ROWS, RING_COLUMNS, FIRST_COLUMN, LENGTH. Prepended: `value_at`.

fn make(index: u32) {
  ring[(step_number() % RING_ROWS) * RING_COLUMNS + FIRST_COLUMN + index] = value_at(index);
}
