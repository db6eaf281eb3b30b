// a where the condition is not zero, else b; all three broadcast to the result's shape.
// Constants: LENGTH, and strides CONDITION_*, A_*, B_* (0 along broadcast axes).

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    let at = coordinates(index);
    let condition_index = dot(at.outer, CONDITION_OUTER) + dot(at.inner, CONDITION_INNER);
    if (condition[condition_index] != 0) {
      result[index] = a[dot(at.outer, A_OUTER) + dot(at.inner, A_INNER)];
    } else {
      result[index] = b[dot(at.outer, B_OUTER) + dot(at.inner, B_INNER)];
    }
  }
}
