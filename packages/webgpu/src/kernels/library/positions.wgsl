// The output positions of a convolution in their order: image, line and column. Constants: the window's.

fn position(index: u32) -> vec3<i32> {
  return vec3<i32>(
    i32(index / (OUTPUT_WIDTH * OUTPUT_HEIGHT)),
    i32(index / OUTPUT_WIDTH % OUTPUT_HEIGHT),
    i32(index % OUTPUT_WIDTH),
  );
}
