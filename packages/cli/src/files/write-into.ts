/** Writing into what is there and stays there: pipes, devices, open descriptors. */
import { constants, fstatSync, open as openCallback, write as writeCallback } from "node:fs";
import { open } from "node:fs/promises";
import { Socket } from "node:net";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { FileFault } from "./file-fault.js";

const openDescriptor = promisify(openCallback);
const writeDescriptor = promisify(writeCallback);

/** How long to wait for a device that cannot take more at the moment. */
const busyMs = 10;

/**
 * Opens a pipe for writing, without the endless wait for somebody who reads it.
 * @throws ENXIO when nobody does
 */
export function openPipe(file: string): Promise<number> {
  return openDescriptor(file, constants.O_WRONLY | constants.O_NONBLOCK);
}

/** Writes all into an open pipe, as fast as it is read, and closes it. @throws EPIPE */
export function writePipe(descriptor: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new Socket({ fd: descriptor, readable: false, writable: true });
    socket.on("error", reject);
    socket.end(bytes, () => resolve());
  });
}

/** @throws the system's errors, such as ENOSPC */
export async function writeDevice(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  try {
    await writeAll(handle.fd, bytes);
  } finally {
    await handle.close();
  }
}

/** @throws FileFault for a descriptor that is none; the system's errors */
export async function writeIntoDescriptor(descriptor: number, bytes: Uint8Array): Promise<void> {
  const kind = checkDescriptor(descriptor);
  const stream = [undefined, process.stdout, process.stderr][descriptor];
  // What was printed before comes first.
  if (stream !== undefined) {
    return new Promise((resolve, reject) => {
      stream.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
  if (kind.isFIFO() || kind.isSocket()) return writePipe(descriptor, bytes);
  await writeAll(descriptor, bytes);
}

/** @throws FileFault unless it is open, and no folder */
export function checkDescriptor(descriptor: number) {
  try {
    const found = fstatSync(descriptor);
    if (!found.isDirectory()) return found;
  } catch {
    // Said below.
  }
  throw new FileFault(`descriptor ${descriptor} is not open for writing`);
}

async function writeAll(descriptor: number, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += (await writeDescriptor(descriptor, bytes, written, bytes.length - written))
        .bytesWritten;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      await setTimeout(busyMs);
    }
  }
}
