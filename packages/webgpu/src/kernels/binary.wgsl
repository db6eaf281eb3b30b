// Elementwise functions of two tensors that broadcast to the result's shape. `apply` and the type
// `Element` of the operands are prepended.
// Constants: LENGTH, A_OUTER, A_INNER, B_OUTER, B_INNER (strides, 0 along broadcast axes).

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    let at = coordinates(index);
    let a_index = dot(at.outer, A_OUTER) + dot(at.inner, A_INNER);
    let b_index = dot(at.outer, B_OUTER) + dot(at.inner, B_INNER);
    result[index] = apply(a[a_index], b[b_index]);
  }
}
