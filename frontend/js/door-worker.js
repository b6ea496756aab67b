// The service worker of one door. It keeps one page, without anything of anybody, and the files that page needs; it answers
// for nothing else. `told` is written before this by the server.

import { leave } from "./door-leaving.js";

const { door, files, shell, version } = self.told;
const mine = `maillage-porte:${door}:`, name = mine + version;
const PATIENCE_MS = 6_000;
const GATEWAY = new Set([502, 503, 504]);

async function install() {
  const kept = await caches.open(name);
  const page = await fetch(shell, { credentials: "same-origin", cache: "no-store", redirect: "error" });
  if (!page.ok) throw new Error(`${shell}: ${page.status}`);
  await Promise.all([kept.put(shell, page), kept.addAll(files.map((one) => new Request(one, { cache: "no-cache" })))]);
  await self.skipWaiting();
}

async function activate() {
  for (const one of await caches.keys()) if (one.startsWith(mine) && one !== name) await caches.delete(one);
  await self.clients.claim();
}

/** The first word of the server, within patience where something is kept; what follows may take its time. */
async function first(request, isHurried) {
  const stop = new AbortController();
  const timer = isHurried ? setTimeout(() => stop.abort(), PATIENCE_MS) : 0;
  try {
    return await fetch(request, { signal: stop.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function page(event) {
  const kept = await caches.match(shell, { cacheName: name, ignoreVary: true });
  try {
    const answer = await first(event.request, Boolean(kept));
    if (GATEWAY.has(answer.status) && kept) return kept;
    // Led away, refused, or gone: whoever is here is no longer of the team.
    if (answer.type === "opaqueredirect" || [403, 404, 410].includes(answer.status)) event.waitUntil(leave(self.registration));
    return answer;
  } catch (trouble) {
    if (kept) return kept;
    throw trouble;
  }
}

async function file(request) {
  return (await caches.match(request, { cacheName: name, ignoreVary: true })) ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (mode === "navigate" && pathname === door) event.respondWith(page(event));
  else if (files.includes(pathname)) event.respondWith(file(event.request));
});
