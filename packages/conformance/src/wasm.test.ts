import { wasm } from "@hone/wasm";
import { test } from "vitest";
import { testBackend } from "./index.js";

testBackend(wasm({ worker: false }), { test, soak: process.env.HONE_SOAK === "1" });
