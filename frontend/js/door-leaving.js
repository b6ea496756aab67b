// Whoever signs out leaves nothing on the tablet, save what no server has yet.

import { clear, pending } from "./door-store.js";

export const CACHES = "maillage-porte:";
const SCOPE = /\/gerer\/[^/]+\/passes\/porte\/$/;

const isOurs = (registration) => SCOPE.test(new URL(registration.scope).pathname);

/** Clear the tablet unless something waits on it; answers how many wait. Only `registration` goes, or all of ours. */
export async function leave(registration = null) {
  const left = await pending();
  if (left) return left;
  await clear();
  const all = registration ? [registration] : await (globalThis.navigator?.serviceWorker?.getRegistrations() ?? []);
  for (const one of all) if (isOurs(one)) await one.unregister();
  const scopes = registration ? [new URL(registration.scope).pathname] : [""];
  for (const name of await (globalThis.caches?.keys() ?? [])) {
    if (scopes.some((scope) => name.startsWith(CACHES + scope))) await caches.delete(name);
  }
  return 0;
}
