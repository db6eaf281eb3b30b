// Between float32 and int32, truncating. Constants: LENGTH; `Element` of the result is prepended.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    result[index] = Element(x[index]);
  }
}
