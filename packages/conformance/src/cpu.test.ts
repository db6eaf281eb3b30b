import { cpu } from "@hone/cpu";
import { test } from "vitest";
import { testBackend } from "./index.js";

testBackend(cpu(), { test, soak: process.env.HONE_SOAK === "1" });
