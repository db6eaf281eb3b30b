// Words of 24 bits as numbers in [0, 1).
fn numbers_of(bits: vec4<u32>) -> vec4<f32> {
  return vec4<f32>(bits) * (1.0 / 16777216.0);
}
