// Adam (Kingma and Ba, 2015): m and v are moving means of g and its square; the corrections for
// their start at zero come with the schedule. Moments below 1e-30 become 0: denormals are slow.
// Constants: LENGTH, CLIP_NORM, BETA1, BETA2, REST1 (1 - BETA1), REST2, EPSILON.

fn flushed(moment: f32) -> f32 {
  return select(moment, 0.0, abs(moment) < 1e-30);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    let gradient = clipped(gradients[index]);
    let row = schedule_row();
    let first = flushed(BETA1 * m[index] + REST1 * gradient);
    let second = flushed(BETA2 * v[index] + REST2 * gradient * gradient);
    m[index] = first;
    v[index] = second;
    parameters[index] -= row.x * (first * row.y) / (sqrt(second * row.z) + EPSILON);
  }
}
