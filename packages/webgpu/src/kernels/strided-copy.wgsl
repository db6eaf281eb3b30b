// Transpose and Slice: the result's coordinates address the input through strides of their own.
// Constants: LENGTH, X_OUTER, X_INNER, X_BASE.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    let at = coordinates(index);
    result[index] = x[X_BASE + dot(at.outer, X_OUTER) + dot(at.inner, X_INNER)];
  }
}
