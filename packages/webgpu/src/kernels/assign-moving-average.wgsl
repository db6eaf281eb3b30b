// average = decay * average + (1 - decay) * value, in place. Constants: LENGTH, DECAY, REST (1 - DECAY).

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    average[index] = DECAY * average[index] + REST * value[index];
  }
}
