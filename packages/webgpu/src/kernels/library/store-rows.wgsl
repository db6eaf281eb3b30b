// How an invocation of gemm-*.wgsl stores its results: four neighbouring columns of four rows.
// Constants: ROWS, COLUMNS, SLICE (results of a part). Prepended: `epilogue`, and `put`.

fn store_row(slice: u32, row: u32, column: u32, values: vec4<f32>) {
  let base = slice * SLICE + row * COLUMNS + column;
  if (column < COLUMNS) { put(base, epilogue(values.x, column)); }
  if (column + 1u < COLUMNS) { put(base + 1u, epilogue(values.y, column + 1u)); }
  if (column + 2u < COLUMNS) { put(base + 2u, epilogue(values.z, column + 2u)); }
  if (column + 3u < COLUMNS) { put(base + 3u, epilogue(values.w, column + 3u)); }
}

fn store_four(
  slice: u32, row: u32, column: u32, first: vec4<f32>, second: vec4<f32>, third: vec4<f32>, fourth: vec4<f32>,
) {
  if (row < ROWS) { store_row(slice, row, column, first); }
  if (row + 1u < ROWS) { store_row(slice, row + 1u, column, second); }
  if (row + 2u < ROWS) { store_row(slice, row + 2u, column, third); }
  if (row + 3u < ROWS) { store_row(slice, row + 3u, column, fourth); }
}
