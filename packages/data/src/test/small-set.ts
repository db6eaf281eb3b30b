/** A public set in miniature, with files, checksums and a web server of its own, for tests. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import type { OfficialFile, OfficialSet } from "../catalog.js";

/** An IDX file of bytes; a shape that does not fit the data makes a broken one. */
export function idxFile(shape: readonly number[], data: ArrayLike<number>, type = 8): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(type * 256 + shape.length, 0);
  for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  return Buffer.concat([header, Uint8Array.from(data)]);
}

/** Elements that differ from each other, for `shape`. */
export function ramp(shape: readonly number[]): Uint8Array {
  const length = shape.reduce((product, size) => product * size, 1);
  return Uint8Array.from({ length }, (_, index) => (index * 37) & 0xff);
}

/** The four files of a set with 6 training and 3 test images of 2×3 pixels and 3 classes. */
export function smallFiles(): Record<string, Buffer> {
  return {
    "train-images-idx3-ubyte.gz": gzipSync(idxFile([6, 2, 3], ramp([6, 2, 3]))),
    "train-labels-idx1-ubyte.gz": gzipSync(idxFile([6], [0, 1, 2, 0, 1, 2])),
    "t10k-images-idx3-ubyte.gz": gzipSync(idxFile([3, 2, 3], ramp([3, 2, 3]))),
    "t10k-labels-idx1-ubyte.gz": gzipSync(idxFile([3], [2, 1, 0])),
  };
}

/** The table entry whose checksums are those of `files`. */
export function smallSet(
  files: Readonly<Record<string, Buffer>>,
  mirrors: readonly string[] = [],
): OfficialSet {
  const file = (name: string): OfficialFile => {
    const bytes = files[name] as Buffer;
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { name, bytes: bytes.length, sha256 };
  };
  return {
    name: "mnist",
    description: "a set in miniature",
    classNames: ["a", "b", "c"],
    train: {
      rows: 6,
      images: file("train-images-idx3-ubyte.gz"),
      labels: file("train-labels-idx1-ubyte.gz"),
    },
    test: {
      rows: 3,
      images: file("t10k-images-idx3-ubyte.gz"),
      labels: file("t10k-labels-idx1-ubyte.gz"),
    },
    mirrors,
  };
}

/** An empty folder that is removed when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hone-data-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
}

/** Every file below a folder. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

/** A web server on this machine for the length of the test; gives its address, with a slash. */
export async function serve(
  answer: (name: string, response: ServerResponse, request: IncomingMessage) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    answer((request.url ?? "/").slice(1), response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
