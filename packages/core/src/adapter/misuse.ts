/** What an executable says to those who use it wrongly; the same words on every backend. */
import { HoneError } from "../errors.js";
import type { Entry } from "../plan/program.js";

const misuse = (where: string, what: string) => new HoneError("BadArgument", where, what);

/** How errors name what is done with an entry: `prepare "train@64"`. */
export function preparing({ name }: Pick<Entry, "name">): string {
  return `prepare "${name}"`;
}

/** `prepare` of an entry that is there already. */
export function preparedAlready(entry: Entry): HoneError {
  return misuse(preparing(entry), "it is prepared already. Use another name.");
}

/** `run` or `forget` of an entry that is not there. */
export function unknownEntry(
  name: string,
  known: Iterable<string>,
  verb: "run" | "forget" = "run",
): HoneError {
  const what = `there is no such entry among [${[...known]}]. Prepare it first.`;
  return misuse(`${verb} "${name}"`, what);
}

/** Any call on an executable after `dispose`. */
export function disposedExecutable(where: string): HoneError {
  return misuse(where, "the executable was disposed. Load it again.");
}

/** @param fate "was closed", or another end of a sentence about the device */
export function lostDevice(where: string, fate: string): HoneError {
  return new HoneError("DeviceLost", where, `the device ${fate}. Open another.`);
}

/** `bind` of a data set that another device holds. */
export function foreignData(input: string): HoneError {
  const what = "the data set was uploaded to another device. Upload it to this one.";
  return misuse(`bind "${input}"`, what);
}

/** `bind` to an input that no entry reads. */
export function unreadData(input: string): HoneError {
  const what = `no prepared entry reads a resident "${input}". Prepare one, or use another name.`;
  return misuse(`bind "${input}"`, what);
}

/** `run` of an entry whose input has no data set. */
export function unboundData(block: string): HoneError {
  return misuse("run", `no data set is bound to "${block}". Bind one first.`);
}

/** `run` over a data set after its `dispose`. */
export function disposedData(entry: string, block: string): HoneError {
  const what = `the data set bound to "${block}" was disposed. Bind another.`;
  return new HoneError("BadData", `run "${entry}"`, what);
}

/** @param columns of the data set; undefined when it was disposed */
export function unknownColumn(name: string, columns: Iterable<string> | undefined): HoneError {
  const known = columns ? `it has [${[...columns]}]` : "it was disposed";
  const what = `the data set holds no column "${name}": ${known}. Upload one of that name.`;
  return new HoneError("BadData", `bind "${name}"`, what);
}
