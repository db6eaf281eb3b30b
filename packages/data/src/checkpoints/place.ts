/** Where checkpoints are kept, and what their files are called. */

/** A folder, or what stands in for one in a page. Its methods throw BadData naming the file and the system's reason. */
export interface CheckpointPlace {
  /** What an error calls it. */
  readonly description: string;
  /** What an error calls a file in it. */
  locate(file: string): string;
  list(): Promise<readonly PlacedFile[]>;
  /** Undefined where it is no longer there. */
  read(file: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** All of it or nothing, and for good once it resolves. */
  write(file: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Content where it is not there. */
  remove(file: string): Promise<void>;
  /** Removes what writers left behind that did not come to their end. */
  tidy(): Promise<void>;
  /** Runs a task while no other of this place runs, where the platform can tell. */
  alone<Value>(task: () => Promise<Value>): Promise<Value>;
}

export interface PlacedFile {
  readonly file: string;
  /** Links, folders and devices are not. */
  readonly isRegular: boolean;
}

/** A checkpoint's file. */
export interface CheckpointName extends PlacedFile {
  /** Counts the checkpoints of a place: unlike a clock it never goes back. */
  readonly sequence: number;
  readonly step: number;
}

const PATTERN = /^checkpoint-(\d{9,15})-step-(\d{1,16})-[0-9a-f]{32}\.safetensors$/;

export function nameFor(sequence: number, step: number): string {
  return `checkpoint-${String(sequence).padStart(9, "0")}-step-${step}-${unguessable()}.safetensors`;
}

/** Undefined for a file that is none of ours. */
export function parsedName({ file, isRegular }: PlacedFile): CheckpointName | undefined {
  const [, sequence, step] = PATTERN.exec(file) ?? [];
  if (sequence === undefined) return undefined;
  return { file, isRegular, sequence: Number(sequence), step: Number(step) };
}

/** Two processes may count the same: then the one that has come further is newer. */
export function newestFirst(a: CheckpointName, b: CheckpointName): number {
  return b.sequence - a.sequence || b.step - a.step || (a.file < b.file ? 1 : -1);
}

/** 128 random bits: a name that nobody can have put a link under, and no two writers share. */
export function unguessable(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
