// A convolution's gradient behind a pool of 2 by 2: a window's, at the position that won it. Constants: the window's,
// of the convolution.

const GRADIENT_HEIGHT = OUTPUT_HEIGHT / 2 * 2;
const GRADIENT_WIDTH = OUTPUT_WIDTH / 2 * 2;
// Of an image of `dy`.
const GRADIENT_LINES = OUTPUT_HEIGHT / 2;

fn gradient_at(image_line: i32, line: i32, column: i32, channel: i32) -> f32 {
  let at = ((image_line + line / 2) * (OUTPUT_WIDTH / 2) + column / 2) * OUTPUT_CHANNELS + channel;
  return select(0.0, dy[at], winners[at] == (line & 1) * 2 + (column & 1));
}
