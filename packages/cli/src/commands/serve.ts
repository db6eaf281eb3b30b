/** `hone serve`: the demo, in this machine's browser. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HoneError } from "@hone/core";
import { environmentFolder, userCacheFolder } from "@hone/data";
import { type Arguments, readNumber } from "../arguments.js";
import type { Command, Surroundings } from "../command.js";
import { type SiteServer, serveSite } from "../serve/site-server.js";

const DEFAULT_PORT = 8080;

export const serveCommand: Command = {
  name: "serve",
  summary: "serve the demo: train, draw, teach, race in a browser",
  description:
    "Serves it to this machine alone, with the headers that give a page threads, until Ctrl-C. MNIST and Fashion-MNIST come from HONE_DATA or the cache where they are there. The files may lie on any host, under any path.",
  options: [
    {
      name: "port",
      value: "N",
      help: `port to listen at (default ${DEFAULT_PORT}, or another where that is taken)`,
    },
  ],
  run: serve,
};

async function serve(given: Arguments, { terminal, interrupt }: Surroundings): Promise<void> {
  const asked = readNumber(given, "port", { least: 0, most: 65_535, whole: true });
  const server = await open(siteFolder(), asked);
  interrupt.lastWords = "[hone] serve: ended.";
  try {
    terminal.print(`http://localhost:${server.port}/`);
    terminal.say("the demo is served there; Ctrl-C ends it");
    await ended(interrupt.signal);
  } finally {
    await server.close();
  }
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) return end();
    signal.addEventListener("abort", end, { once: true });
  });
}

async function open(folder: string, asked: number | undefined): Promise<SiteServer> {
  const port = asked ?? DEFAULT_PORT;
  const data = [environmentFolder(), userCacheFolder()].filter((place) => place !== undefined);
  try {
    return await serveSite(folder, port, data);
  } catch (cause) {
    if (!isTaken(cause)) throw cause;
    if (asked === undefined) return serveSite(folder, 0, data);
    const what = `port ${port} is not to be had (${cause.code}). Give another one, or none for one that is free.`;
    throw new HoneError("BadArgument", "hone serve", what, { cause });
  }
}

function isTaken(error: unknown): error is NodeJS.ErrnoException {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === "EADDRINUSE" || code === "EACCES";
}

/** The built demo: within this package where it was published, beside it in the repository. */
export function siteFolder(): string {
  const places = ["../../../web/dist/", "../site/"].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  const folder = places.find((place) => existsSync(`${place}index.html`));
  if (folder !== undefined) return folder;
  const what = `the demo is not built: there is no index.html in ${places.join(" or ")}. Run "npm run build" in the repository.`;
  throw new HoneError("BadArgument", "hone serve", what);
}
