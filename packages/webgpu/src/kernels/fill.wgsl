// Every element is one value. Constants: LENGTH, VALUE_BITS; `Element` is prepended.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  // A variable: as a constant expression an infinite value would be an error.
  var bits = u32(VALUE_BITS);
  if (index < LENGTH) {
    result[index] = bitcast<Element>(bits);
  }
}
