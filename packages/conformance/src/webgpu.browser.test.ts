import { webgpu } from "@hone/webgpu";
import { test } from "vitest";
import { testBackend } from "./index.js";

declare const __HONE_SOAK__: boolean;

// Single ops, runs of many steps and the larger networks run through the same shaders on the same software adapter in Node; the long form
// compares them here too.
const NOT_IN_NODE =
  /^(?!.* agrees with the reference|.*: the first \d+ losses|(cnn-tuned|mlp-tuned|cnn-compact|mnist-fast): |.*entries of other batch sizes)/;

testBackend(webgpu(), {
  test,
  ...(!__HONE_SOAK__ && { only: NOT_IN_NODE, randomModels: 1 }),
});
