// In the place of library/store-rows.wgsl, with pool-four.wgsl, where the sums are not made in parts.

fn store_row(slice: u32, row: u32, column: u32, values: vec4<f32>) {}

fn store_four(
  slice: u32, row: u32, column: u32, first: vec4<f32>, second: vec4<f32>, third: vec4<f32>, fourth: vec4<f32>,
) {
  if (row < ROWS) { pool_four(row / 4u, column, first, second, third, fourth); }
}
