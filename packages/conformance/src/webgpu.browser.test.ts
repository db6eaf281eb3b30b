import { webgpu } from "@hone/webgpu";
import { test } from "vitest";
import { testBackend } from "./index.js";

// The same graphs run on the same software adapter in Node, where all of the quick form is done.
testBackend(webgpu(), { test, randomModels: 4 });
