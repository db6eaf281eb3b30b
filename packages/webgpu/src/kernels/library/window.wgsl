// Cells and windows of a pool; images are NHWC. Constants: the window's.

struct Cell {
  image: i32,
  line: i32,
  column: i32,
  channel: i32,
}

fn input_cell(index: u32) -> Cell {
  let place = index / INPUT_CHANNELS;
  return Cell(
    i32(place / (INPUT_HEIGHT * INPUT_WIDTH)),
    i32(place / INPUT_WIDTH % INPUT_HEIGHT),
    i32(place % INPUT_WIDTH),
    i32(index % INPUT_CHANNELS),
  );
}

fn output_cell(index: u32) -> Cell {
  let place = index / INPUT_CHANNELS;
  return Cell(
    i32(place / (OUTPUT_HEIGHT * OUTPUT_WIDTH)),
    i32(place / OUTPUT_WIDTH % OUTPUT_HEIGHT),
    i32(place % OUTPUT_WIDTH),
    i32(index % INPUT_CHANNELS),
  );
}

fn input_index(at: Cell, line: i32, column: i32) -> i32 {
  return ((at.image * INPUT_HEIGHT + line) * INPUT_WIDTH + column) * INPUT_CHANNELS + at.channel;
}

fn output_index(at: Cell, line: i32, column: i32) -> i32 {
  return ((at.image * OUTPUT_HEIGHT + line) * OUTPUT_WIDTH + column) * INPUT_CHANNELS + at.channel;
}

// The first window that covers a padded coordinate.
fn first_window(place: i32, size: i32, stride: i32) -> i32 {
  return select(0, (place - size) / stride + 1, place >= size);
}

// Cells of a window that are not padding.
fn cells_of(line: i32, column: i32) -> f32 {
  let top = line * STRIDE_HEIGHT - PAD_TOP;
  let left = column * STRIDE_WIDTH - PAD_LEFT;
  let height = min(top + FILTER_HEIGHT, INPUT_HEIGHT) - max(top, 0);
  let width = min(left + FILTER_WIDTH, INPUT_WIDTH) - max(left, 0);
  return f32(height * width);
}
