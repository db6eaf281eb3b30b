/**
 * `npm run start-up`: how soon pages do their first work after navigation, and for how long they block meanwhile, in this
 * machine's Chromium with its software GPU. Run it on a quiet machine, after `npm run build`.
 *
 * Pages are bundled from the packages' dist as an app would be, minified and split, and loaded each time into a browser
 * context without a cache. The .wasm files lie beside them.
 */
import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { launchChromium, serve } from "./browser.mjs";
import { root } from "./bundle-plugin.mjs";
import { startUpJobs } from "./start-up-jobs.mjs";

const HELP = `npm run start-up [-- options]

  --runs N        loads of each page (5); medians are printed
  --only WORDS    jobs whose names have these words
  --profile FILE  also writes the profile of one more load of the last job, for Chrome's developer tools
  --json          prints JSON instead of a table
  --help          prints this
`;

/** Tasks from 50 ms are told by the browser. */
const html = `<!doctype html><title>hone</title><script>
  globalThis.longTasks = [];
  const seen = (list) => longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })));
  new PerformanceObserver(seen).observe({ type: "longtask", buffered: true });
  globalThis.done = (backend) => (globalThis.first = { ms: performance.now(), backend });
</script><script type="module" src="app.js"></script>`;

/** The first chunk that runs says when; after those it imports comes the app itself. */
const banner = "globalThis.evaluationBegan ??= performance.now();";
const wrapped = ({ code }) => {
  const lines = code.split("\n");
  const isImport = (line) => /^\s*import /.test(line);
  const rest = lines.filter((line) => !isImport(line)).join("\n");
  return `${lines.filter(isImport).join("\n")}
    globalThis.evaluationMs = performance.now() - evaluationBegan;
    globalThis.ended = (async () => { ${rest} })();`;
};

async function bundle(job, outdir) {
  await build({
    stdin: { contents: wrapped(job), resolveDir: path.join(root, "packages/cli"), loader: "js" },
    outdir,
    entryNames: "app",
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: "es2022",
    banner: { js: banner },
    absWorkingDir: root,
    logLevel: "silent",
  });
  const built = path.join(root, "packages/wasm/dist");
  for (const name of await readdir(built)) {
    if (name.endsWith(".wasm")) await cp(path.join(built, name), path.join(outdir, name));
  }
}

/** What the pages fetch: a model, rows of it. */
async function files() {
  const { compile } = await import("@hone/core");
  const { cnn } = await import("@hone/core/models");
  const { cpu } = await import("@hone/cpu");
  const device = await cpu().open();
  const session = await compile(cnn({ seed: 7 }), { device, seed: 7 });
  const model = await session.save();
  await device.close();
  const rows = 10_000;
  const images = Uint8Array.from({ length: rows * 784 }, (_, at) => (at * 7919) % 251);
  const labels = Uint8Array.from({ length: rows }, (_, at) => at % 10);
  return { "/index.html": html, "/cnn.hone": model, "/images.bin": images, "/labels.bin": labels };
}

async function load(browser, url, profileTo) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const session = profileTo && (await context.newCDPSession(page));
    if (session) {
      await session.send("Profiler.enable");
      await session.send("Profiler.setSamplingInterval", { interval: 200 });
      await session.send("Profiler.start");
    }
    await page.goto(url);
    const found = await page.evaluate(async () => {
      await globalThis.ended;
      // What ends with the job is observed in a task of its own.
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { first, evaluationBegan, evaluationMs, longTasks } = globalThis;
      const after = evaluationBegan + evaluationMs;
      return {
        ...first,
        beganMs: evaluationBegan,
        evaluationMs,
        longTasks: longTasks.filter((task) => task.startTime > after),
      };
    });
    if (session)
      await writeFile(profileTo, JSON.stringify((await session.send("Profiler.stop")).profile));
    return found;
  } finally {
    await context.close();
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Loads each job's page some times, in turn.
 * @returns {Promise<readonly { name: string, firstMs: number, limitMs: number, evaluationMs: number, longestTaskMs: number, backend: string }[]>}
 *   medians; the longest task is one of the page's own thread after the bundle was evaluated, 0 where none had 50 ms
 */
export async function measureStartUp({ runs = 5, jobs = startUpJobs, profileTo } = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "hone-start-up-"));
  const given = await files();
  const browser = await launchChromium();
  const pages = [];
  try {
    for (const [at, job] of jobs.entries()) {
      const site = path.join(folder, String(at));
      await bundle(job, site);
      pages.push({ job, server: await serve({ folder: site, files: given }), found: [] });
    }
    for (let run = 0; run < runs; run++) {
      for (const { server, found } of pages) found.push(await load(browser, server.url));
    }
    if (profileTo) await load(browser, pages.at(-1).server.url, profileTo);
  } finally {
    await browser.close();
    for (const { server } of pages) await server.close();
    await rm(folder, { recursive: true, force: true });
  }
  const results = [];
  for (const { job, found } of pages) {
    const longest = (one) => Math.max(0, ...one.longTasks.map(({ duration }) => duration));
    const other = results.find(({ name }) => name === job.atMost?.of);
    results.push({
      name: job.name,
      firstMs: median(found.map(({ ms }) => ms)),
      limitMs: job.limitMs ?? (other ? other.firstMs * job.atMost.times : Number.POSITIVE_INFINITY),
      beganMs: median(found.map(({ beganMs }) => beganMs)),
      evaluationMs: median(found.map(({ evaluationMs }) => evaluationMs)),
      longestTaskMs: median(found.map(longest)),
      backend: found[0].backend,
      longTasks: found[0].longTasks,
    });
  }
  return results;
}

async function main() {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "5" },
      only: { type: "string", default: "" },
      profile: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const words = values.only.split(" ");
  const jobs = startUpJobs.filter(({ name }) => words.every((word) => name.includes(word)));
  const results = await measureStartUp({
    runs: Number(values.runs),
    jobs,
    profileTo: values.profile,
  });
  if (values.json) return console.log(JSON.stringify(results));
  const rounded = (ms) => `${Math.round(ms)} ms`;
  console.table(
    Object.fromEntries(
      results.map((one) => [
        one.name,
        {
          first: rounded(one.firstMs),
          limit: rounded(one.limitMs),
          "evaluation began": rounded(one.beganMs),
          "evaluation (100 ms)": rounded(one.evaluationMs),
          "longest task (50 ms)": rounded(one.longestTaskMs),
          on: one.backend,
        },
      ]),
    ),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
