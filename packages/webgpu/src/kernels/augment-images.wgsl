// Images mirrored and moved at random. Each element draws its image's block of Philox anew: that is
// cheaper than a dispatch of its own, and than a barrier on a software adapter.
// Constants: LENGTH, HEIGHT, WIDTH, CHANNELS, SHIFT, FLIP, ORDINAL.

// From -SHIFT to SHIFT.
fn displacement(word: u32) -> i32 {
  return i32(multiply(word, 2u * SHIFT + 1u).x) - i32(SHIFT);
}

fn make(index: u32) {
  let channel = index % CHANNELS;
  let pixel = index / CHANNELS;
  let column = i32(pixel % WIDTH);
  let line = i32((pixel / WIDTH) % HEIGHT);
  let image = pixel / (WIDTH * HEIGHT);
  let drawn = philox(vec4<u32>(image, step_number(), 0u, 0u), vec2<u32>(bitcast<u32>(seed[0]), ORDINAL));
  let i = line - displacement(drawn.x);
  let j = column - displacement(drawn.y);
  if (i >= 0 && i < i32(HEIGHT) && j >= 0 && j < i32(WIDTH)) {
    let mirrored = FLIP && drawn.z >= 0x80000000u;
    let k = select(u32(j), WIDTH - 1u - u32(j), mirrored);
    result[index] = x[((image * HEIGHT + u32(i)) * WIDTH + k) * CHANNELS + channel];
  } else {
    result[index] = 0.0;
  }
}
