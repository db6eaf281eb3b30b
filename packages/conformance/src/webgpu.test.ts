import { webgpu } from "@hone/webgpu";
import { test } from "vitest";
import { testBackend } from "./index.js";

const soak = process.env.HONE_SOAK === "1";
// In the quick form a page alone takes the 2,000 steps.
const short = { only: /^(?!the device holds no more)/, randomModels: 6 };
testBackend(webgpu(), { test, soak, ...(!soak && short) });
