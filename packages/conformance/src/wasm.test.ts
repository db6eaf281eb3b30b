import { wasm } from "@hone/wasm";
import { test } from "vitest";
import { testBackend } from "./index.js";

testBackend(wasm(), { test, soak: process.env.HONE_SOAK === "1" });
