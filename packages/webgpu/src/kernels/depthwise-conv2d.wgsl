// Output channel c * MULTIPLIER + m is channel c under its filter m. Constants: LENGTH, MULTIPLIER and the window's.
// Prepended: `epilogue`.

fn make(index: u32) {
  let channel = index % OUTPUT_CHANNELS;
  let place = index / OUTPUT_CHANNELS;
  let top = i32(place / OUTPUT_WIDTH % OUTPUT_HEIGHT) * STRIDE_HEIGHT - PAD_TOP;
  let left = i32(place % OUTPUT_WIDTH) * STRIDE_WIDTH - PAD_LEFT;
  let image = place / (OUTPUT_WIDTH * OUTPUT_HEIGHT);
  var sum = 0.0;
  for (var i = 0; i < FILTER_HEIGHT; i++) {
    let line = u32(top + i * DILATION_HEIGHT);
    for (var j = 0; j < FILTER_WIDTH; j++) {
      let column = u32(left + j * DILATION_WIDTH);
      if (line < INPUT_HEIGHT && column < INPUT_WIDTH) {
        let pixel = (image * INPUT_HEIGHT + line) * INPUT_WIDTH + column;
        let tap = u32(i * FILTER_WIDTH + j);
        sum += x[pixel * INPUT_CHANNELS + channel / MULTIPLIER] * filters[tap * OUTPUT_CHANNELS + channel];
      }
    }
  }
  result[index] = epilogue(sum, channel);
}
