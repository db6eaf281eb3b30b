import { execFileSync } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readRegularFile, readRegularText } from "./regular-file.js";
import { temporaryFolder } from "./test/small-set.js";

test("a file, also by a link to it, is read whole", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "file");
  await writeFile(file, "content");
  await symlink(file, join(folder, "link"));
  expect(await readRegularText(file)).toBe("content");
  expect(await readRegularText(join(folder, "link"), 7)).toBe("content");
  await expect(readRegularFile(file, 6)).rejects.toThrow("it has 7 bytes, and at most 6 are read");
});

test("what is no regular file is refused before it is opened, and says what it is", async () => {
  const folder = await temporaryFolder();
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  await symlink("/dev/zero", join(folder, "endless"));
  await symlink("loop", join(folder, "loop"));
  const cases = [
    [pipe, "it is a pipe"],
    [folder, "it is a folder"],
    ["/dev/zero", "it is a device"],
    [join(folder, "endless"), "it is a device"],
    [join(folder, "loop"), "it is a link that leads back to itself"],
    [join(folder, "n".repeat(300)), "its name is too long"],
  ] as const;
  for (const [file, reason] of cases) {
    await expect(readRegularFile(file), file).rejects.toThrow(reason);
  }
});

test("a file that is absent is told from one that cannot be read", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "file"), "");
  for (const name of ["none", "file/none"]) {
    await expect(readRegularFile(join(folder, name))).rejects.toMatchObject({ isAbsent: true });
  }
  await expect(readRegularFile(folder)).rejects.toMatchObject({ isAbsent: false });
});

test.runIf(process.platform === "linux")(
  "a file that the system makes up as it is read comes to an end",
  async () => {
    // As a device would, the kernel's log waits for more whenever it has been read to its end.
    expect(await readRegularFile("/proc/kmsg")).toHaveLength(0);
  },
);
