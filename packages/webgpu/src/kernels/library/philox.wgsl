// Philox 4x32-10 (Salmon et al., SC 2011): one block of four random words.

// High and low word of a 64-bit product, from 16-bit halves: WGSL has no 64-bit integers.
fn multiply(a: u32, b: u32) -> vec2<u32> {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let middle = a_high * b_low + ((a_low * b_low) >> 16u);
  let crossed = a_low * b_high + (middle & 0xffffu);
  return vec2<u32>(a_high * b_high + (middle >> 16u) + (crossed >> 16u), a * b);
}

fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  var x = counter;
  var k = key;
  for (var round = 0; round < 10; round++) {
    let p = multiply(0xd2511f53u, x.x);
    let q = multiply(0xcd9e8d57u, x.z);
    x = vec4<u32>(q.x ^ x.y ^ k.x, q.y, p.x ^ x.w ^ k.y, p.y);
    k += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return x;
}
