import { webgpu } from "@hone/webgpu";
import { test } from "vitest";
import { testBackend } from "./index.js";

testBackend(webgpu(), { test, soak: process.env.HONE_SOAK === "1" });
