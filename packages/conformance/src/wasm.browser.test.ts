import { wasm } from "@hone/wasm";
import { test } from "vitest";
import { testBackend } from "./index.js";

testBackend(wasm(), { test });
