import { webgpu } from "@hone/webgpu";
import { test } from "vitest";
import { testBackend } from "./index.js";

const soak = process.env.HONE_SOAK === "1";
testBackend(webgpu(), { test, soak, ...(!soak && { randomModels: 6 }) });
