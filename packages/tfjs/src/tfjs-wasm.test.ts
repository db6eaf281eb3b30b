import { testBackend } from "@hone/conformance";
import { test } from "vitest";
import { tfjs } from "./index.js";

// Models with convolutions are refused by that op's name, which the suite checks.
testBackend(tfjs("wasm"), { test, mayLack: ["Conv2DBackpropFilter"], randomModels: 8 });
