#!/usr/bin/env node
// Committed, so that npm links it on installation, before anything is built.
import { existsSync } from "node:fs";

const entry = new URL("../dist/main.js", import.meta.url);
if (existsSync(entry)) {
  const { main } = await import(entry.href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  console.error('[hone] cli: not built yet. Run "npm run build".');
  process.exitCode = 1;
}
