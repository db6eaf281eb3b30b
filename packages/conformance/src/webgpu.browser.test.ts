import { webgpu } from "@hone/webgpu";
import { test } from "vitest";
import { testBackend } from "./index.js";

declare const __HONE_SOAK__: boolean;

// Single ops run through the same shaders on the same software adapter in Node; the long form compares them here too.
testBackend(webgpu(), {
  test,
  ...(!__HONE_SOAK__ && { only: /^(?!.* agrees with the reference)/, randomModels: 4 }),
});
