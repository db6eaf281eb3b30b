/**
 * Reading what a person names as a file. A pipe or a device in a file's place would be waited for without
 * end, by a thread that no signal reaches: what is no regular file is refused before it is opened.
 */

/** Why a file is not read, as the end of a sentence about it: "it is a pipe", "permission denied". */
export class UnreadableFile extends Error {
  /** The system's: `ENOENT`, `EACCES`; undefined for what is no file, or too long. */
  readonly code: string | undefined;

  constructor(reason: string, code?: string, options?: ErrorOptions) {
    super(reason, options);
    this.code = code;
  }

  /** There is nothing of that name. */
  get isAbsent(): boolean {
    return this.code === "ENOENT" || this.code === "ENOTDIR";
  }
}

/** What `stat` tells of a file's kind; Node's `Stats` has these. */
interface KindOfFile {
  isFile(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
  isCharacterDevice(): boolean;
  isBlockDevice(): boolean;
}

/** In words, such as "a pipe"; undefined for a regular file. */
export function specialKind(found: KindOfFile): string | undefined {
  if (found.isFile()) return undefined;
  if (found.isDirectory()) return "a folder";
  if (found.isFIFO()) return "a pipe";
  if (found.isSocket()) return "a socket";
  if (found.isCharacterDevice() || found.isBlockDevice()) return "a device";
  return "no file";
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file: a part of its path is no folder",
  EACCES: "it cannot be read: permission denied",
  EPERM: "it cannot be read: permission denied",
  ELOOP: "it is a link that leads back to itself",
  ENAMETOOLONG: "its name is too long",
};

/** What is more than this Node reads in no one call. */
const mostBytes = 2 ** 31 - 1;

/**
 * The content of a regular file; links are followed. Read are as many bytes as it has when it is opened, so
 * that a file that grows, or that the system makes up as it is read, comes to an end.
 * @param longest bytes that are read; 2 GiB unless given
 * @throws UnreadableFile
 */
export async function readRegularFile(
  file: string,
  longest = mostBytes,
): Promise<Uint8Array<ArrayBuffer>> {
  const { constants, open, stat } = process.getBuiltinModule("node:fs/promises");
  try {
    checkKind(await stat(file), longest);
    // Should it have become a pipe since, this does not wait for who writes into it.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await handle.stat();
      checkKind(found, longest);
      const bytes = new Uint8Array(found.size);
      let length = 0;
      while (length < bytes.length) {
        const asked = Math.min(mostBytes, bytes.length - length);
        const { bytesRead } = await handle.read(bytes, length, asked, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return bytes.subarray(0, length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = reasons[code ?? ""] ?? `it cannot be read (${message})`;
    throw new UnreadableFile(reason, code, { cause: error });
  }
}

/** The same as text. @throws UnreadableFile */
export async function readRegularText(file: string, longest?: number): Promise<string> {
  return new TextDecoder().decode(await readRegularFile(file, longest));
}

function checkKind(found: KindOfFile & { readonly size: number }, longest: number): void {
  const kind = specialKind(found);
  if (kind !== undefined) throw new UnreadableFile(`it is ${kind}`);
  if (found.size > longest) {
    throw new UnreadableFile(`it has ${found.size} bytes, and at most ${longest} are read`);
  }
}
