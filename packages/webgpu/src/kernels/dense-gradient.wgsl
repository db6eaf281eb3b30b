// A convolution's gradient, of every output position. Constants: the window's.

const GRADIENT_HEIGHT = OUTPUT_HEIGHT;
const GRADIENT_WIDTH = OUTPUT_WIDTH;
const GRADIENT_LINES = OUTPUT_HEIGHT;

fn gradient_at(image_line: i32, line: i32, column: i32, channel: i32) -> f32 {
  return dy[((image_line + line) * OUTPUT_WIDTH + column) * OUTPUT_CHANNELS + channel];
}
