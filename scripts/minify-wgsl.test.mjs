import { expect, test } from "vitest";
import { minifyWgsl } from "./minify-wgsl.mjs";

test.each([
  ["// a head\nconst A = 1; // why\n/* more\n lines */ const B = A;\n", "const A=1;const B=A;"],
  ["fn f(a: f32, b: f32) -> f32 {\n  return a - -b;\n}", "fn f(a:f32,b:f32)->f32{return a- -b;}"],
  ["let at = &  values; let both = a & & b;", "let at= &values;let both=a& &b;"],
  ["var v: vec3<u32> = vec3<u32>();", "var v:vec3<u32> =vec3<u32>();"],
  ["if (a > = b) { }", "if(a> =b){}"],
  ["@compute @workgroup_size(W)\nfn main() { i++; }", "@compute@workgroup_size(W)fn main(){i++;}"],
  ["let v = vec4(\n  a,\n  b,\n);", "let v=vec4(a,b);"],
  ["a / b /* c */ * d", "a/b*d"],
])("%j becomes %j", (source, expected) => {
  expect(minifyWgsl(source)).toBe(expected);
});
