// What goes to the server and what comes back. Every answer has a `kind`: "ok", "off" (no network, or nobody behind it),
// "out" (signed out), "forbidden", or "trouble" with its status.

const ASK_MS = 8_000, SETTLE_MS = 30_000;
const GATEWAY = new Set([502, 503, 504]);

export class Line {
  constructor(told) {
    this.to = told.to;
    this.csrf = document.querySelector("[data-form] [name=csrfmiddlewaretoken]")?.value ?? "";
  }

  async ask(address, options, patience) {
    let response;
    try {
      response = await fetch(address, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(patience), ...options });
      if (GATEWAY.has(response.status)) return { kind: "off" };
      if (response.redirected && new URL(response.url).pathname === this.to.login) return { kind: "out" };
      if (response.status === 403) return { kind: "forbidden" };
      const text = await response.text();
      return response.ok || response.status === 422
        ? { kind: "ok", status: response.status, text }
        : { kind: "trouble", status: response.status };
    } catch {
      return { kind: "off" };
    }
  }

  /** What the server tells a tablet to keep, with how far the tablet's clock is from its own (`drift`, in ms). */
  async keys() {
    const before = Date.now();
    const answer = await this.ask(this.to.keys, { headers: { Accept: "application/json" } }, ASK_MS);
    if (answer.kind !== "ok") return answer;
    const told = parsed(answer.text);
    if (!told?.keys) return { kind: "trouble", status: answer.status };
    const { csrf, now, ...facts } = told;
    this.csrf = csrf;
    const at = (before + Date.now()) / 2;
    return { kind: "ok", facts: { ...facts, metAt: Date.now(), drift: Date.parse(now) - at } };
  }

  /** Write something; a token that is too old is asked anew, once. */
  async write(address, options, patience) {
    const sent = () => this.ask(address, { method: "POST", ...options, headers: { ...options.headers, "X-CSRFToken": this.csrf } }, patience);
    if (!this.csrf) {
      const met = await this.keys();
      if (met.kind !== "ok") return met;
    }
    const first = await sent();
    if (first.kind !== "forbidden") return first;
    const met = await this.keys();
    return met.kind === "ok" ? sent() : met;
  }

  /** Count one half-day with network; `page` is the page of the door that answers. */
  async count(code, nonce) {
    const answer = await this.write(this.to.door, { body: new URLSearchParams({ code, jeton: nonce }) }, ASK_MS);
    if (answer.kind !== "ok") return answer;
    const page = new DOMParser().parseFromString(answer.text, "text/html");
    return page.querySelector("[data-door]") ? { kind: "ok", page, isCounted: answer.status !== 422 } : { kind: "off" };
  }

  /** The page of the door as it is now; null without network. */
  async page() {
    const answer = await this.ask(this.to.door, {}, ASK_MS);
    const page = answer.kind === "ok" ? new DOMParser().parseFromString(answer.text, "text/html") : null;
    return page?.querySelector("[data-door]") ? page : null;
  }

  /** Settle what was counted without network. */
  async settle(rows) {
    const counted = rows.map(({ nonce, text, at }) => ({ nonce, text, at }));
    const body = JSON.stringify({ now: new Date().toISOString(), counted });
    const answer = await this.write(this.to.settle, { body, headers: { "Content-Type": "application/json" } }, SETTLE_MS);
    if (answer.kind !== "ok") return answer;
    if (answer.status === 422) return { kind: "trouble", status: 422 };
    const told = parsed(answer.text);
    return Array.isArray(told?.results) ? { kind: "ok", results: told.results } : { kind: "trouble", status: answer.status };
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
