// Each pixel gathers the gradients of the windows it lies in. Constants: LENGTH, MULTIPLIER and the window's.

fn make(index: u32) {
  let channel = index % INPUT_CHANNELS;
  let place = index / INPUT_CHANNELS;
  let below = i32(place / INPUT_WIDTH % INPUT_HEIGHT) + PAD_TOP;
  let beside = i32(place % INPUT_WIDTH) + PAD_LEFT;
  let image = place / (INPUT_WIDTH * INPUT_HEIGHT);
  var sum = 0.0;
  for (var i = 0; i < FILTER_HEIGHT; i++) {
    let down = below - i * DILATION_HEIGHT;
    let line = down / STRIDE_HEIGHT;
    if (down >= 0 && down % STRIDE_HEIGHT == 0 && line < OUTPUT_HEIGHT) {
      for (var j = 0; j < FILTER_WIDTH; j++) {
        let across = beside - j * DILATION_WIDTH;
        let column = across / STRIDE_WIDTH;
        if (across >= 0 && across % STRIDE_WIDTH == 0 && column < OUTPUT_WIDTH) {
          let position = (image * OUTPUT_HEIGHT + u32(line)) * OUTPUT_WIDTH + u32(column);
          let tap = u32(i * FILTER_WIDTH + j);
          for (var m = 0u; m < MULTIPLIER; m++) {
            let output = channel * MULTIPLIER + m;
            sum += dy[position * OUTPUT_CHANNELS + output] * filters[tap * OUTPUT_CHANNELS + output];
          }
        }
      }
    }
  }
  result[index] = sum;
}
