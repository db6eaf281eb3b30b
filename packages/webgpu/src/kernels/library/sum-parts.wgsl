// Adds the parts of a product in order. Constants: LENGTH, PARTS, COLUMNS. Prepended: `epilogue`, and `put`.

fn make(index: u32) {
  var sum = parts[index];
  for (var part = 1u; part < PARTS; part++) {
    sum += parts[part * LENGTH + index];
  }
  put(index, epilogue(sum, index % COLUMNS));
}
