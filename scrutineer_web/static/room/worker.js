// Keeps the room's own files, and shows one empty page where there is no network. Nothing of any case is kept here.
const NAME = "room-__NAME__";
const FILES = ["__FILES__"];
const SHELL = "/offline/";
const PATIENCE_MS = 8000;
// Where the device itself can go on: a case, and the list of one's cases. Any other page is waited for, however long it
// takes.
const WORKS_OFFLINE = /^\/(assessments\/\d+\/)?$/;

self.addEventListener("install", (event) => {
  // What is sent to the room doesn't pass through here: an answer that a page sends while it is left would go with the page.
  event.addRoutes?.(["POST", "PUT", "PATCH", "DELETE"].map((requestMethod) => ({ condition: { requestMethod }, source: "network" })));
  event.waitUntil(
    (async () => {
      const cache = await caches.open(NAME);
      await cache.addAll(FILES);
      // Without credentials, so that the page that is kept belongs to nobody.
      await cache.put(SHELL, await fetch(SHELL, { credentials: "omit", cache: "reload" }));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(answerPage(request));
  else if (FILES.includes(address.pathname)) event.respondWith(answerFromCache(request));
});

async function answerFromCache(request) {
  return (await caches.match(request, { ignoreSearch: true })) ?? fetch(request);
}

async function answerPage(request) {
  const end = new AbortController();
  const timer = WORKS_OFFLINE.test(new URL(request.url).pathname) ? setTimeout(() => end.abort(), PATIENCE_MS) : 0;
  try {
    return await fetch(request, { signal: end.signal });
  } catch {
    return (await caches.match(SHELL)) ?? Response.error();
  } finally {
    clearTimeout(timer);
  }
}
