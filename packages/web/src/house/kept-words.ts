/** Words that the browser keeps for the page. Where it keeps none, each visit begins anew, and nothing else is lost. */

const PREFIX = "hone-demo:";

export function readKept(name: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeKept(name: string, word: string): void {
  try {
    localStorage.setItem(PREFIX + name, word);
  } catch {
    // Storage is blocked or full: the choice holds until the page is left.
  }
}
