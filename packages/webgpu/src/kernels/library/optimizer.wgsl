// What every optimizer asks first: this step's row of the schedule, and by how much clipping shrinks
// the gradients. Prepended: `norm_value`. Constants: CLIP_NORM (0: none).

// Learning rate and two corrections.
fn schedule_row() -> vec3<f32> {
  let row = u32(i32(step_number()) - epoch_start[0]) * 3u;
  return vec3<f32>(schedule[row], schedule[row + 1u], schedule[row + 2u]);
}

fn clipped(gradient: f32) -> f32 {
  if (CLIP_NORM == 0) { return gradient; }
  let norm = norm_value();
  return gradient * select(1.0, CLIP_NORM / norm, norm > CLIP_NORM);
}
