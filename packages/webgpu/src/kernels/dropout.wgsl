// Inverted dropout. One invocation draws one Philox block and decides four
// elements with it. Constants: ELEMENTS, LENGTH (blocks), THRESHOLD, KEEP, ORDINAL, FIRST_BLOCK.

fn make(block: u32) {
  let drawn = philox(vec4<u32>(FIRST_BLOCK + block, step_number(), 0u, 0u), vec2<u32>(bitcast<u32>(seed[0]), ORDINAL));
  for (var part = 0u; part < 4u; part++) {
    let index = block * 4u + part;
    if (index < ELEMENTS) {
      result[index] = select(0.0, x[index] / KEEP, (drawn[part] >> 8u) >= THRESHOLD);
    }
  }
}
