import { expect, test } from "vitest";
import { minifyWgsl } from "./minify-wgsl.mjs";

test.each([
  ["// a head\nconst A = 1; // why\n/* more\n lines */ const B = A;\n", "const A=1;const B=A;"],
  ["fn f(a: f32, b: f32) -> f32 {\n  return a - -b;\n}", "fn f(a:f32,b:f32)->f32{return a- -b;}"],
  [
    "fn far(place: Cell, a: u32) -> u32 {\n  let b = x[place.line];\n  var total = 0u;\n  return total + near(b, 0x1fu);\n}",
    "fn far(c:Cell,a:u32)->u32{let b=x[c.line];var d=0u;return d+near(b,0x1fu);}",
  ],
  [
    "struct Cell {\n  line: i32,\n}\nconst line = 1;\nfn at(line: i32) -> Cell {\n  return Cell(line);\n}\nfn one() -> i32 {\n  return line;\n}",
    "struct Cell{line:i32}const line=1;fn at(a:i32)->Cell{return Cell(a);}fn one()->i32{return line;}",
  ],
  ["let at = &  values; let both = a & & b;", "let at= &values;let both=a& &b;"],
  ["var v: vec3<u32> = vec3<u32>();", "var v:vec3<u32> =vec3<u32>();"],
  ["if (a > = b) { }", "if(a> =b){}"],
  ["@compute @workgroup_size(W)\nfn main() { i++; }", "@compute@workgroup_size(W)fn main(){i++;}"],
  ["let v = vec4(\n  a,\n  b,\n);", "let v=vec4(a,b);"],
  ["a / b /* c */ * d", "a/b*d"],
])("%j becomes %j", (source, expected) => {
  expect(minifyWgsl(source)).toBe(expected);
});
