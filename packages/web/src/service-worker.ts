/** Keeps the site's own files, so that the demo opens without a network once it was visited. Data sets are kept by @hone/data. */

declare const __SITE_FILES__: readonly string[];
declare const __SITE_VERSION__: string;

/** What there is in a service worker; TypeScript's words for it cannot stand beside those for pages. */
interface Late extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetch extends Late {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Scope {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(kind: "install" | "activate", listener: (event: Late) => void): void;
  addEventListener(kind: "fetch", listener: (event: Fetch) => void): void;
}

const scope = globalThis as unknown as Scope;
const PREFIX = "hone-demo-";
const cacheName = PREFIX + __SITE_VERSION__;

scope.addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => scope.skipWaiting()));
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => scope.clients.claim()));
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(scope.registration.scope)) return;
  event.respondWith(answer(request));
});

async function keepAll(): Promise<void> {
  const cache = await caches.open(cacheName);
  // Past the browser's own cache, which may hold files of the release before.
  const requests = ["./", ...__SITE_FILES__].map((name) => new Request(name, { cache: "reload" }));
  await cache.addAll(requests);
}

/** Caches of earlier releases. Other sites under this origin have their own. */
async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== cacheName);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request, { ignoreSearch: true });
  return kept ?? fetch(request);
}
