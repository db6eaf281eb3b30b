/**
 * What a command says: results on stdout, everything on the way there on stderr. Nothing else in the
 * command writes to them, and no text passes with a control sequence in it: names come from files of others.
 */
import { stderr, stdout } from "node:process";
import { HoneError, visibleLines, visibleText } from "@hone/core";
import { reasonOf } from "./files/file-fault.js";

export interface Terminal {
  /** A result, in lines. */
  print(text: string): void;
  /** A remark that stays; no name in a line can begin another. */
  say(...lines: readonly string[]): void;
  /** What is happening now: one line that the next one replaces; nothing where there is no terminal. */
  show(text: string): void;
  /** Whether `show` shows anything. */
  readonly live: boolean;
  /** Characters that `show` has room for. */
  readonly columns: number;
  /** Waits until all is written. @throws BadArgument when results were lost, to a full disk say */
  settle(): Promise<void>;
}

/** Erase to the end of the line; the cursor stays at its start. */
const eraseLine = "\r\u001b[K";

/** What stands before a remark or a result, in a column of its own: `Test       accuracy …`. */
const heads = /^[A-Z][a-z]+(?= {2,}\S)/gm;

/** Heads in bold where results go to a terminal with colours; `NO_COLOR` and `TERM=dumb` say that it has none. */
function tinted(text: string): string {
  const colours = stdout.isTTY === true && stdout.hasColors();
  return colours ? text.replace(heads, "\u001b[1m$&\u001b[22m") : text;
}

/** A reader that goes away (`| head`), or a terminal that is closed. */
const readerGone = ["EPIPE", "EIO"];

/**
 * The process's own streams. What cannot be written on one of them silences that one, and nothing else: the
 * work goes on, and files are written. Remarks that are lost are no loss; results are, but to a reader who
 * went away.
 */
export function openTerminal(): Terminal {
  const gone = new Set<unknown>();
  let lost: unknown;
  const failed = (stream: NodeJS.WriteStream, error: unknown) => {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (stream === stdout && !gone.has(stream) && !readerGone.includes(code)) lost = error;
    gone.add(stream);
  };
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error) => failed(stream, error));
  }
  let shown = false;
  const write = (stream: NodeJS.WriteStream, text: string) => {
    if (gone.has(stream)) return;
    try {
      stream.write(text);
    } catch (error) {
      // Files are written at once, and fail at once.
      failed(stream, error);
    }
  };
  const clear = () => {
    if (shown) write(stderr, eraseLine);
    shown = false;
  };
  return {
    live: stderr.isTTY === true,
    // One column is left free: a full line would wrap, and could not be rewritten.
    get columns() {
      return (stderr.columns || 80) - 1;
    },
    print(text) {
      clear();
      write(stdout, `${tinted(visibleLines(text))}\n`);
    },
    say(...lines) {
      clear();
      for (const line of lines) write(stderr, `${visibleText(line)}\n`);
    },
    show(text) {
      if (stderr.isTTY !== true) return;
      if (text === "") return clear();
      write(stderr, eraseLine + [...visibleText(text)].slice(0, this.columns).join(""));
      shown = true;
    },
    async settle() {
      if (!gone.has(stdout)) await new Promise((resolve) => stdout.write("", resolve));
      // An error is told after the callback of the write that it is about.
      await new Promise((resolve) => setImmediate(resolve));
      if (lost === undefined) return;
      const what = `the results cannot be written there: ${reasonOf(lost)}. Send them elsewhere.`;
      throw new HoneError("BadArgument", "standard output", what, { cause: lost });
    },
  };
}
