// Adds the parts of a product in order. Constants: LENGTH, PARTS, COLUMNS. Prepended: `epilogue`.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    var sum = parts[index];
    for (var part = 1u; part < PARTS; part++) {
      sum += parts[part * LENGTH + index];
    }
    result[index] = epilogue(sum, index % COLUMNS);
  }
}
