/** The programs of workers, as files of a bundle: a page loads the one that it starts. */

/** @param threads of the device */
export async function workerText(threads: number): Promise<string> {
  const { code } = threads > 1 ? await import("./team-text.js") : await import("./alone-text.js");
  return code;
}
