// u = momentum * u + g; p -= rate * u, or with Nesterov p -= rate * (g + momentum * u).
// Constants: LENGTH, CLIP_NORM, MOMENTUM, NESTEROV.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    let gradient = clipped(gradients[index]);
    let speed = MOMENTUM * velocity[index] + gradient;
    velocity[index] = speed;
    parameters[index] -= schedule_row().x * select(speed, gradient + MOMENTUM * speed, NESTEROV);
  }
}
