import { testBackend } from "@hone/conformance";
import { test } from "vitest";
import { tfjs } from "./index.js";

// All but what takes stock tfjs minutes (5 images a second for the cnn) and the 2,000 steps, whose
// JavaScript is the same on wasm, where they are quick.
testBackend(tfjs("cpu"), {
  test,
  only: /^(?!cnn|mlp: the first|the device holds no more)/,
  randomModels: 4,
});
