/**
 * `npm run start-up`: how soon pages do their first work after navigation, and for how long they block meanwhile, in this
 * machine's Chromium with its software GPU. Run it on a quiet machine, after `npm run build`.
 *
 * Pages are built from the packages' dist by Vite as it comes. Each is loaded twice in a row, without a cache: in a window
 * that has just been opened, while Chromium still loads the parts of its own address bar, and then in the same window under
 * another origin, as a visitor's browser would. Limits are those of the second.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "vite";
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
</script><script type="module" src="/app.js"></script>`;

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

/** Imports of the app are those of the cli, which has all packages. */
const entry = path.join(root, "packages/cli/app.js");

async function bundle(job, folder) {
  await mkdir(folder);
  await writeFile(path.join(folder, "index.html"), html);
  await build({
    root: folder,
    configFile: false,
    logLevel: "silent",
    plugins: [
      {
        name: "app",
        resolveId: (id) => (id === "/app.js" ? entry : undefined),
        load: (id) => (id === entry ? wrapped(job) : undefined),
      },
    ],
    build: { target: "es2022", rolldownOptions: { output: { banner } } },
  });
  return path.join(folder, "dist");
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
  const images = Uint8Array.from({ length: 784_000 }, (_, at) => (at * 7919) % 251);
  const labels = Uint8Array.from({ length: 10_000 }, (_, at) => at % 10);
  return { "/cnn.hone": model, "/images.bin": images, "/labels.bin": labels };
}

/** A window that was opened is at rest by then. */
const REST_MS = 1500;

/** Loads the page in a window that is opened for it, and again when that has come to rest. */
async function loadTwice(browser, url, profileTo) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const cold = await load(page, url);
    await page.goto("about:blank");
    await delay(REST_MS);
    const other = url.replace("127.0.0.1", "localhost");
    if (profileTo === undefined) return { cold, warm: await load(page, other) };
    const session = await context.newCDPSession(page);
    await session.send("Profiler.enable");
    await session.send("Profiler.setSamplingInterval", { interval: 200 });
    await session.send("Profiler.start");
    const warm = await load(page, other);
    await writeFile(profileTo, JSON.stringify((await session.send("Profiler.stop")).profile));
    return { cold, warm };
  } finally {
    await context.close();
  }
}

async function load(page, url) {
  await page.goto(url);
  return page.evaluate(async () => {
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
}

/**
 * Loads each job's page some times, in turn.
 * @returns {Promise<readonly { name: string, firstMs: number, limitMs: number, coldMs: number, beganMs: number, evaluationMs: number, longestTaskMs: number, backend: string }[]>}
 *   medians, of the first load in a window `coldMs` and of the second the others; the longest task is one of the page's own
 *   thread after the bundle was evaluated, 0 where none had 50 ms
 */
export async function measureStartUp({ runs = 5, jobs = startUpJobs, profileTo } = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "hone-start-up-"));
  const given = await files();
  const browser = await launchChromium();
  const pages = [];
  try {
    for (const [at, job] of jobs.entries()) {
      const site = await bundle(job, path.join(folder, String(at)));
      pages.push({ job, server: await serve({ folder: site, files: given }), found: [] });
    }
    for (let run = 0; run < runs; run++) {
      for (const { server, found } of pages) found.push(await loadTwice(browser, server.url));
    }
    if (profileTo) await loadTwice(browser, pages.at(-1).server.url, profileTo);
  } finally {
    await browser.close();
    for (const { server } of pages) await server.close();
    await rm(folder, { recursive: true, force: true });
  }
  const results = [];
  for (const { job, found } of pages) {
    const warm = found.map((one) => one.warm);
    const firstMs = median(warm.map(({ ms }) => ms));
    const longest = ({ longTasks }) => Math.max(0, ...longTasks.map(({ duration }) => duration));
    const other = results.find(({ name }) => name === job.atMost?.of);
    results.push({
      name: job.name,
      firstMs,
      limitMs: job.limitMs ?? (other ? other.firstMs * job.atMost.times : Number.POSITIVE_INFINITY),
      coldMs: median(found.map(({ cold }) => cold.ms)),
      beganMs: median(warm.map(({ beganMs }) => beganMs)),
      evaluationMs: median(warm.map(({ evaluationMs }) => evaluationMs)),
      longestTaskMs: median(warm.map(longest)),
      backend: warm[0].backend,
      longTasks: warm[0].longTasks,
    });
  }
  return results;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
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
          "in a new window": rounded(one.coldMs),
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
