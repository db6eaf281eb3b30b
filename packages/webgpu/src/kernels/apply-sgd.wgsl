// p -= rate * g. Constants: LENGTH, CLIP_NORM.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    parameters[index] -= schedule_row().x * clipped(gradients[index]);
  }
}
