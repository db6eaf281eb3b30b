// The input repeated along its axes.
// Constants: LENGTH, X_OUTER, X_INNER (strides), INPUT_OUTER, INPUT_INNER (extents).

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    let at = coordinates(index);
    result[index] = x[dot(at.outer % INPUT_OUTER, X_OUTER) + dot(at.inner % INPUT_INNER, X_INNER)];
  }
}
