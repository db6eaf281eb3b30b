// Random numbers. One invocation draws one Philox block and makes four elements
// of it; random-uniform.wgsl or random-normal.wgsl says which.
// Constants: ELEMENTS, LENGTH (blocks), ORDINAL, FIRST_BLOCK.

fn make(block: u32) {
  let drawn = philox(vec4<u32>(FIRST_BLOCK + block, step_number(), 0u, 0u), vec2<u32>(bitcast<u32>(seed[0]), ORDINAL));
  let numbers = numbers_of(drawn >> vec4<u32>(8u));
  for (var part = 0u; part < 4u; part++) {
    let index = block * 4u + part;
    if (index < ELEMENTS) {
      result[index] = numbers[part];
    }
  }
}
