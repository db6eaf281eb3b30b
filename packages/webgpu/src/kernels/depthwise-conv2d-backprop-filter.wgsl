// One sum for each tap, output channel and part of the batch's lines; neighbouring invocations take neighbouring
// channels. Constants: LENGTH (of all parts), SIZE (of the filter), LINES, PART_LINES, MULTIPLIER and the window's.

fn make(index: u32) {
  let part = index / SIZE;
  let channel = index % OUTPUT_CHANNELS;
  let tap = i32(index % SIZE / OUTPUT_CHANNELS);
  let down = tap / FILTER_WIDTH * DILATION_HEIGHT - PAD_TOP;
  let across = tap % FILTER_WIDTH * DILATION_WIDTH - PAD_LEFT;
  let end = min((part + 1u) * PART_LINES, u32(LINES));
  var sum = 0.0;
  for (var at = part * PART_LINES; at < end; at++) {
    let image = at / OUTPUT_HEIGHT;
    let line = u32(i32(at % OUTPUT_HEIGHT) * STRIDE_HEIGHT + down);
    if (line < INPUT_HEIGHT) {
      for (var position = 0; position < OUTPUT_WIDTH; position++) {
        let column = u32(position * STRIDE_WIDTH + across);
        if (column < INPUT_WIDTH) {
          let pixel = (image * INPUT_HEIGHT + line) * INPUT_WIDTH + column;
          let gradient = dy[(at * OUTPUT_WIDTH + u32(position)) * OUTPUT_CHANNELS + channel];
          sum += x[pixel * INPUT_CHANNELS + channel / MULTIPLIER] * gradient;
        }
      }
    }
  }
  result[index] = sum;
}
