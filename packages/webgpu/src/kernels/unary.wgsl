// Elementwise functions of one tensor. `apply` is prepended: it calls one of these or a builtin.
// Constants: LENGTH, and what the function takes (ALPHA, MINIMUM_BITS, MAXIMUM_BITS).

fn relu6(x: f32) -> f32 {
  return select(clamp(x, 0.0, 6.0), x, is_nan(x));
}

fn elu(x: f32) -> f32 {
  return select(exponential_minus_one(x), x, x >= 0.0 || is_nan(x));
}

fn selu(x: f32) -> f32 {
  return 1.0507009873554805
    * select(1.6732632423543772 * exponential_minus_one(x), x, x >= 0.0 || is_nan(x));
}

fn leaky_relu(x: f32) -> f32 {
  return select(ALPHA * x, x, x > 0.0);
}

fn step_at_zero(x: f32) -> f32 {
  return select(select(f32(ALPHA), 1.0, x > 0.0), x, is_nan(x));
}

fn clip(x: f32) -> f32 {
  return select(clamp(x, from_bits(MINIMUM_BITS), from_bits(MAXIMUM_BITS)), x, is_nan(x));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    result[index] = apply(x[index]);
  }
}
