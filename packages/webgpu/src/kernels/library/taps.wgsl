// A term of a convolution's sum: a cell of the filter, as a distance on the image, and a channel.
// Constants: CHANNELS and the window's.

struct Tap {
  down: i32,
  across: i32,
  channel: i32,
}

fn tap_of(term: u32) -> Tap {
  let cell = i32(term / CHANNELS);
  return Tap(
    cell / FILTER_WIDTH * DILATION_HEIGHT,
    cell % FILTER_WIDTH * DILATION_WIDTH,
    i32(term % CHANNELS),
  );
}

fn next_tap(tap: Tap) -> Tap {
  var next = tap;
  next.channel += 1;
  if (next.channel == CHANNELS) {
    next.channel = 0;
    next.across += DILATION_WIDTH;
    if (next.across == FILTER_WIDTH * DILATION_WIDTH) {
      next.across = 0;
      next.down += DILATION_HEIGHT;
    }
  }
  return next;
}
