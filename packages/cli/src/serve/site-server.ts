/** A folder of files over HTTP, for this machine's own browser. */
import { readFile, stat } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".gz": "application/octet-stream",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** With these a page has threads: its memory may be shared, and no other site's page can reach into it. */
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-cache",
};

export interface SiteServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Where the page looks for data sets, and which files of these are answered: a person's folder may hold others. */
const DATA_FILE = /^\/data\/((?:mnist|fashion-mnist)\/[a-z0-9-]+\.gz)$/;

/**
 * Serves what lies in `folder`, to this machine alone.
 * @param port 0 takes one that is free
 * @param dataFolders folders that hold the data sets as HONE_DATA does: their files are answered below `data/`, where
 *   the page asks first, so that it need not download what this machine has
 * @throws as Node does where the port is taken or not to be had
 */
export async function serveSite(
  folder: string,
  port: number,
  dataFolders: readonly string[] = [],
): Promise<SiteServer> {
  const server = createServer((request, response) => {
    void answer([folder, ...dataFolders], request.method ?? "", request.url ?? "/", response);
  });
  await listening(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function answer(
  folders: readonly string[],
  method: string,
  address: string,
  response: ServerResponse,
): Promise<void> {
  const end = (status: number, text: string, headers: Record<string, string> = {}) => {
    response.writeHead(status, { ...HEADERS, "Content-Type": "text/plain", ...headers }).end(text);
  };
  if (method !== "GET" && method !== "HEAD") return end(405, "", { Allow: "GET, HEAD" });
  const files = filesOf(folders, address);
  if (files.length === 0) return end(400, "no such address");
  const file = await firstFile(files);
  const bytes = file && (await readFile(file).catch(() => undefined));
  if (file === undefined || bytes === undefined) return end(404, "not found");
  const type = CONTENT_TYPES[path.extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { ...HEADERS, "Content-Type": type, "Content-Length": bytes.length });
  response.end(method === "HEAD" ? undefined : bytes);
}

/** Where an address may lead to, in order: the site's own file, and a data set's in the folders for these. */
function filesOf([site = "", ...data]: readonly string[], address: string): readonly string[] {
  const own = fileOf(site, address);
  if (own === undefined) return [];
  const name = DATA_FILE.exec(address)?.[1];
  return [own, ...(name === undefined ? [] : data.map((folder) => path.join(folder, name)))];
}

async function firstFile(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile()) return file;
  }
  return undefined;
}

/** The file of an address, or undefined where that is not well formed or leads out of the folder. */
export function fileOf(folder: string, address: string): string | undefined {
  try {
    const { pathname } = new URL(address, "http://localhost");
    const name = decodeURIComponent(pathname).replace(/\/$/, "/index.html");
    const file = path.join(folder, name);
    const base = path.resolve(folder) + path.sep;
    return path.resolve(file).startsWith(base) && !name.includes("\0") ? file : undefined;
  } catch {
    return undefined;
  }
}
