/** Colours in a real terminal, which `script` of the system gives, and in none. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand } from "./test/build.js";

const run = promisify(execFile);
const words = ["data", "explore", "--dataset", "digits"];
/** Any colour or weight of type; moving and erasing are none. */
const colour = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`);

let hone: BuiltCommand;
beforeAll(async () => {
  hone = await buildCommand();
}, 120_000);
afterAll(() => hone?.remove());

/** What a terminal gets. */
async function inTerminal(env: Readonly<Record<string, string>>): Promise<string> {
  const line = [process.execPath, hone.file, ...words];
  const given =
    process.platform === "darwin"
      ? ["-q", "/dev/null", ...line]
      : ["-qec", line.join(" "), "/dev/null"];
  // Node takes a terminal's colours away for many a variable (CI, NODE_DISABLE_COLORS, ...): none but these count.
  const { PATH = "", HOME = "" } = process.env;
  const { stdout } = await run("script", given, {
    env: { PATH, HOME, TERM: "xterm-256color", ...env },
  });
  return stdout;
}

test("a terminal has heads in bold, and plain text under NO_COLOR or where it has no colours", async () => {
  const [bold, ...plain] = await Promise.all([
    inTerminal({}),
    inTerminal({ NO_COLOR: "1" }),
    inTerminal({ TERM: "dumb" }),
  ]);
  expect(bold).toContain("\u001b[1mFiles\u001b[22m      none written");
  for (const text of plain) {
    expect(text).toContain("Files      none written");
    expect(text).not.toMatch(colour);
  }
});

test("a file or a pipe has no colours, whatever the terminal can", async () => {
  const { stdout, stderr } = await hone.run(words, {
    env: { TERM: "xterm-256color", COLORTERM: "truecolor" },
  });
  expect(stdout).toContain("Files      none written");
  expect(stdout + stderr).not.toMatch(colour);
});
