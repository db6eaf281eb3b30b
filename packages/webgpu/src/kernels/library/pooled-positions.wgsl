// The output positions of a convolution with a pool of 2 by 2 behind it, window by window: image, line and
// column. Positions in no window have no place in this order. Constants: the window's, of the convolution.

const POOLED_HEIGHT = OUTPUT_HEIGHT / 2;
const POOLED_WIDTH = OUTPUT_WIDTH / 2;

fn position(index: u32) -> vec3<i32> {
  let window = i32(index / 4u);
  let corner = i32(index % 4u);
  return vec3<i32>(
    window / (POOLED_HEIGHT * POOLED_WIDTH),
    window / POOLED_WIDTH % POOLED_HEIGHT * 2 + corner / 2,
    window % POOLED_WIDTH * 2 + corner % 2,
  );
}
