import { directWebgpu } from "@hone/webgpu";
import { test } from "vitest";
import { testBackend } from "./index.js";

testBackend(directWebgpu(), { test, soak: process.env.HONE_SOAK === "1" });
