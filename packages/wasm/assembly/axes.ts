// Loops around loops: records of an extent and one step in bytes per tensor, the innermost first.

/**
 * How far a tensor has moved when `rank` axes have been counted through `index` times.
 * @param record bytes of one axis @param field where the tensor's step stands in it
 */
export function outerOffset(
  axis: usize,
  rank: i32,
  index: i32,
  record: usize,
  field: usize,
): usize {
  let offset: usize = 0;
  for (let i = 0; i < rank; i++) {
    const extent = load<i32>(axis);
    offset += <usize>(index % extent) * load<u32>(axis + field);
    index /= extent;
    axis += record;
  }
  return offset;
}
