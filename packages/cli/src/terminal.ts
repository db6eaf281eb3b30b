/**
 * What a command says: results on stdout, everything on the way there on stderr. Nothing else in the
 * command writes to them, and no text passes with a control sequence in it: names come from files of others.
 */
import { stderr, stdout } from "node:process";
import { visibleLines, visibleText } from "@hone/core";

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
}

/** Erase to the end of the line; the cursor stays at its start. */
const eraseLine = "\r\u001b[K";

/** The process's own streams. A reader that goes away (`| head`) only silences what it read. */
export function openTerminal(): Terminal {
  const gone = new Set<unknown>();
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
      gone.add(stream);
    });
  }
  let shown = false;
  const write = (stream: NodeJS.WriteStream, text: string) => {
    if (!gone.has(stream)) stream.write(text);
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
      write(stdout, `${visibleLines(text)}\n`);
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
  };
}
