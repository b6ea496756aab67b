// On the page of a diagnosis, what is tried is computed without leaving the page: links and forms marked `data-try`
// fetch the same page that they would open, and its diagnosis takes the place of this one.
import { suggest } from "./suggest.js";

const ANSWER = "constat";

function live() {
  const status = document.createElement("p");
  status.className = "sr";
  status.setAttribute("role", "status");
  document.querySelector("main").append(status);
  return status;
}

const status = live();
let asked = 0;

async function show(url, { push = true } = {}) {
  const mine = ++asked;
  const article = document.getElementById(ANSWER);
  article.setAttribute("aria-busy", "true");
  let fresh;
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.status);
    url = answer.url;
    fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    location.href = url;
    return;
  }
  const found = fresh.getElementById(ANSWER);
  if (mine !== asked) return;
  if (!found) {
    location.href = url;
    return;
  }
  const opened = [...article.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent);
  const at = document.activeElement?.closest("section")?.querySelector("h2")?.id;
  article.replaceWith(document.adoptNode(found));
  document.title = fresh.title;
  for (const link of document.querySelectorAll(".tongues a")) {
    const other = fresh.querySelector(`.tongues a[lang="${link.lang}"]`);
    if (other) link.href = other.getAttribute("href");
  }
  for (const summary of found.querySelectorAll("details > summary"))
    if (opened.includes(summary.textContent)) summary.parentElement.open = true;
  found.querySelectorAll("[data-suggest]").forEach(suggest);
  if (push) history.pushState(null, "", url);
  settle(found, at);
}

function settle(found, heading) {
  const tried = found.querySelector(".tried");
  const target = tried ?? (heading && document.getElementById(heading)) ?? found.querySelector("h2");
  target.tabIndex = -1;
  target.focus({ preventScroll: true });
  const box = target.getBoundingClientRect();
  if (box.top < 0 || box.bottom > innerHeight) target.scrollIntoView({ block: "start" });
  status.textContent = tried?.querySelector(".tried__says")?.textContent ?? "";
}

function address(form, button) {
  const asks = new URLSearchParams(new FormData(form, button ?? undefined));
  const base = new URL(form.getAttribute("action") || location.pathname, location.href);
  base.search = asks;
  return base.href;
}

function pick(event) {
  const field = event.target.closest("form[data-try]")?.querySelector("[data-suggest]");
  const option = event.type === "click"
    ? event.target.closest("[role=option]")
    : event.key === "Enter" && document.getElementById(field?.getAttribute("aria-activedescendant"));
  if (!field || !option) return;
  event.preventDefault();
  event.stopPropagation();
  const url = new URL(option.dataset.href, location.href);
  for (const [name, value] of new FormData(field.form)) if (name !== field.name) url.searchParams.append(name, value);
  show(url.href);
}

// Before the list of suggestions hears of it: a commune that is picked is tried here, and its typed name is dropped.
document.addEventListener("keydown", pick, true);
document.addEventListener("click", pick, true);
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-try]")) return;
  event.preventDefault();
  show(address(event.target, event.submitter));
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-try]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const href = link.getAttribute("href");
  show(new URL(href, location.href).href);
});
addEventListener("popstate", () => show(location.href, { push: false }));
