// One invocation for each of LENGTH things: `make`, which the op's file has, makes one by its number.
// Constants: LENGTH, WORKGROUP.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_workgroup(group) * WORKGROUP + lane;
  if (index < LENGTH) { make(index); }
}
