// On the pages where one signs out: the tablet is cleared first; what waits to be sent is said, and kept.

import { leave } from "./door-leaving.js";
import { pending } from "./door-store.js";

for (const form of document.querySelectorAll("form[data-leaving]")) {
  if (!globalThis.indexedDB) break;
  const left = await pending().catch(() => 0);
  if (left) {
    const said = document.createElement("p");
    said.className = "note";
    said.textContent = form.dataset.leaving.replace("{n}", left);
    form.prepend(said);
  }
  form.addEventListener("submit", async (event) => {
    if (form.dataset.left) return;
    event.preventDefault();
    form.dataset.left = "1";
    await Promise.race([leave().catch(() => 0), new Promise((done) => setTimeout(done, 2_000))]);
    form.submit();
  });
}
