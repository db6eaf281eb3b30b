// What stands behind the products of FusedConv2DMaxPool: four neighbouring rows are the positions of a window. Four
// columns are pooled at once. Constants: COLUMNS, RELU. Prepended: `epilogue`, without its relu, and `note`, which keeps
// where in its window the first maximum is, NO_WINNER where relu lets nothing through.

const NO_WINNER = vec4<i32>(4);

fn are_nan(x: vec4<f32>) -> vec4<bool> {
  return (bitcast<vec4<u32>>(x) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u);
}

struct Best {
  value: vec4<f32>,
  winner: vec4<i32>,
}

fn better(best: Best, value: vec4<f32>, corner: i32) -> Best {
  let wins = (value > best.value) | (are_nan(value) & !are_nan(best.value));
  return Best(select(best.value, value, wins), select(best.winner, vec4<i32>(corner), wins));
}

fn pool_column(window: u32, column: u32, value: f32, winner: i32) {
  if (column >= COLUMNS) { return; }
  result[window * COLUMNS + column] = value;
  note(window * COLUMNS + column, winner);
}

fn bias_at(column: u32) -> f32 {
  return epilogue(0.0, min(column, u32(COLUMNS) - 1u));
}

fn pool_four(window: u32, column: u32, first: vec4<f32>, second: vec4<f32>, third: vec4<f32>, fourth: vec4<f32>) {
  let bias = vec4<f32>(bias_at(column), bias_at(column + 1u), bias_at(column + 2u), bias_at(column + 3u));
  var best = Best(first + bias, vec4<i32>());
  best = better(best, second + bias, 1);
  best = better(best, third + bias, 2);
  best = better(best, fourth + bias, 3);
  if (RELU) {
    let through = (best.value > vec4<f32>()) | are_nan(best.value);
    best = Best(select(vec4<f32>(), best.value, through), select(NO_WINNER, best.winner, through));
  }
  pool_column(window, column, best.value.x, best.winner.x);
  pool_column(window, column + 1u, best.value.y, best.winner.y);
  pool_column(window, column + 2u, best.value.z, best.winner.z);
  pool_column(window, column + 3u, best.value.w, best.winner.w);
}
