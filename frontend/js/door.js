// The door of a place: counts a half-day with the server when it answers, and by itself when it does not.

import { judge, halfOf, readCode, tokenIn } from "./door-judge.js";
import { leave } from "./door-leaving.js";
import { lens } from "./door-lens.js";
import { Line } from "./door-line.js";
import { send } from "./door-send.js";
import * as store from "./door-store.js";
import { View } from "./door-view.js";

const AGAIN_MS = 20_000, SLOWEST_MS = 300_000, FRESH_MS = 600_000, DAY_MS = 86_400_000;
const LONGEST = 600;

class Door {
  constructor(root) {
    this.told = JSON.parse(root.dataset.door);
    this.view = new View(root, this.told);
    this.line = new Line(this.told);
    this.form = this.view.part("form");
    this.field = this.form.elements.code;
    this.canKeep = isSecureContext && Boolean(crypto.subtle && globalThis.indexedDB);
    this.isKept = document.body.classList.contains("page-door--kept");
    this.known = null;
    this.state = { kind: navigator.onLine ? "ok" : "off" };
    this.isAsked = false;
    this.delay = AGAIN_MS;
    this.tabs = globalThis.BroadcastChannel ? new BroadcastChannel("maillage-porte") : null;
    this.listen(root);
    this.start();
  }

  listen(root) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.count(this.field.value);
    });
    this.field.addEventListener("input", () => this.view.clear());
    // What a reader plugged into the tablet types goes to the field, wherever the answer left the focus.
    document.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey, target }) => {
      const free = target === document.body || this.view.answer.contains(target);
      if (free && key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey) this.field.focus();
    });
    addEventListener("online", () => this.sync());
    addEventListener("offline", () => this.turn({ kind: "off" }));
    document.addEventListener("visibilitychange", () => document.hidden || this.sync());
    this.tabs?.addEventListener("message", () => this.look());
    this.view.part("send").addEventListener("click", () => this.sync({ again: true }));
    this.view.part("seen").addEventListener("click", () => this.seen());
    lens(this.form, {
      decoder: root.dataset.decoder,
      trouble: (name) => (this.view.part("lens-said").textContent = name ? this.view.say(name) : ""),
      read: (text) => {
        this.field.value = text.slice(0, LONGEST);
        this.count(this.field.value);
      },
    });
  }

  async start() {
    this.field.value ||= new URLSearchParams(location.search).get("code")?.slice(0, LONGEST) ?? "";
    if (this.canKeep) {
      try {
        this.known = await store.known(this.told.place);
        await this.look();
      } catch {
        this.canKeep = false;
      }
    }
    await this.sync();
    if (this.state.kind === "ok" && this.canKeep) {
      navigator.serviceWorker?.register(this.told.to.worker, { updateViaCache: "none" }).catch(() => {});
    }
  }

  /** Say what the line is; nothing moves where nothing changed. */
  turn(state) {
    this.state = state;
    const { view, known } = this, { words } = view, kind = state.kind === "ok" ? "on" : state.kind;
    const when = known ? view.moment(new Date(known.metAt)) : "";
    const clockIsWrong = known && (Math.abs(known.drift) > this.told.tolerance * 1000 || Date.now() < known.metAt - this.told.tolerance * 1000);
    const isStale = known && Date.now() - known.metAt > this.told.staleDays * DAY_MS;
    const hints = [isSecureContext ? "" : words.insecure, isSecureContext && !this.canKeep ? words.blind : ""];
    if (kind === "off" && this.canKeep) hints.push(words.offHint, known ? view.say("contact", { when }) : words.unmet);
    if (kind !== "on" && isStale) hints.push(view.say("stale", { when }));
    if (clockIsWrong) hints.push(words.clock);
    if (words[`${kind}Hint`] && kind !== "off") hints.push(words[`${kind}Hint`]);
    const link = kind === "out" ? `${this.told.to.login}?next=${encodeURIComponent(location.pathname)}` : null;
    view.line(kind, state, hints, link);
  }

  async look() {
    if (!this.canKeep) return;
    const rows = await store.counted(this.told.place);
    this.view.queue(rows.filter((row) => row.state === "waiting"), (nonce) => this.remove(nonce));
    this.view.answers(rows.filter((row) => ["settled", "to_settle"].includes(row.state)));
  }

  async tell() {
    this.tabs?.postMessage("changed");
    await this.look();
  }

  /** Meet the server: take what it knows, send what waits. One meeting at a time; who presses meanwhile gets the next. */
  async sync({ again = false } = {}) {
    if (this.isMeeting) {
      this.isAsked ||= again;
      return;
    }
    this.isMeeting = true;
    clearTimeout(this.next);
    const button = this.view.part("send");
    button.setAttribute("aria-busy", "true");
    try {
      await this.meet();
      if (this.state.kind === "ok" && this.canKeep) await this.empty(again);
    } catch {
      this.canKeep = false;
      this.turn(this.state);
    } finally {
      this.isMeeting = false;
      button.removeAttribute("aria-busy");
      this.delay = this.state.kind === "ok" ? AGAIN_MS : Math.min(this.delay * (this.state.kind === "off" ? 1 : 2), SLOWEST_MS);
      const pressed = this.isAsked;
      this.isAsked = false;
      this.next = setTimeout(() => this.sync({ again: pressed }), pressed ? 0 : this.state.kind === "ok" ? FRESH_MS : this.delay);
    }
  }

  async meet() {
    const met = await this.line.keys();
    if (met.kind === "ok") {
      this.known = met.facts;
      if (this.canKeep) {
        await store.learn(this.told.place, met.facts);
        await store.forget(this.told.place, met.facts.day);
      }
    }
    if (met.kind === "out" && this.canKeep && (await leave()) === 0) this.known = null;
    this.turn(met);
  }

  async empty(again) {
    const before = (await store.counted(this.told.place)).filter((row) => row.state === "waiting").length;
    if (before) {
      const sent = await send(this.line, { place: this.told.place, most: this.told.most, again });
      await this.tell();
      if (sent.kind !== "busy" && sent.kind !== "ok") return this.turn(sent);
      await this.meet();
    }
    if (before || this.isKept) {
      this.isKept = false;
      document.body.classList.replace("page-door--kept", "page-door--back");
      await this.line.page().then((page) => page && this.view.today(page));
    }
  }

  async count(text) {
    if (this.isCounting) return;
    this.isCounting = true;
    const button = this.view.part("count"), label = button.textContent;
    button.textContent = this.view.words.busy;
    button.setAttribute("aria-busy", "true");
    this.view.clear();
    try {
      await this.decide(text, crypto.randomUUID?.() ?? this.form.elements.jeton?.value);
    } finally {
      this.isCounting = false;
      button.textContent = label;
      button.removeAttribute("aria-busy");
    }
  }

  async decide(text, nonce) {
    const { view } = this, { words } = view;
    if (this.state.kind === "forbidden") return view.verdict("no", [words.forbidden, words.forbiddenHint]);
    if (this.canKeep && (this.state.kind !== "ok" || !navigator.onLine)) {
      const said = this.state.kind === "out" && !this.known ? view.verdict("no", [words.out, words.outHint]) : await this.keep(text, nonce, false);
      this.sync();
      return said;
    }
    const answer = await this.line.count(text, nonce);
    if (answer.kind === "ok") return this.counted(answer);
    this.turn(answer);
    const isOurs = answer.kind === "off" || answer.status >= 500;
    if (this.canKeep && isOurs) return this.keep(text, nonce, true);
    const status = answer.status;
    const why = { off: words.uncounted, out: words.out, forbidden: words.forbidden, trouble: view.say("refusedBy", { status }) };
    return view.verdict("no", [why[answer.kind]]);
  }

  counted({ page, isCounted }) {
    this.turn({ kind: "ok" });
    this.view.today(page);
    this.view.swap(page);
    const fresh = page.querySelector("[name=jeton]"), here = this.form.elements.jeton;
    if (fresh && here) here.value = fresh.value;
    if (isCounted) this.field.value = "";
    // So that the tablet knows of it if the network goes now.
    if (this.canKeep) this.sync();
  }

  /** Judge a code without the server, and keep it to be sent. `tried`: the server may have it already. */
  async keep(text, nonce, tried) {
    const { view, told } = this, { words } = view;
    const at = Date.now(), moment = new Date(at + (this.known?.drift ?? 0));
    try {
      const now = halfOf(moment, told.zone, told.noon);
      const found = await judge(text, { known: this.known, mine: await store.counted(told.place), ...now });
      if (found.word === "no") return view.verdict("no", [words.reasons[found.reason]], found.code, words.off);
      const shown = tokenIn(text) || readCode(text);
      const entry = { nonce, place: told.place, text: shown, code: found.code, ...now, at: new Date(at).toISOString(), state: "waiting", said: "", tried, isSigned: found.word === "yes" };
      if (!(await store.add(entry))) return view.verdict("no", [words.reasons.half_used], found.code, words.off);
      this.field.value = "";
      view.verdict(found.word, this.lines(found), found.code, words.off);
    } catch {
      return view.verdict("no", [words.unkept]);
    }
    navigator.storage?.persist?.().catch(() => {});
    return this.tell();
  }

  lines(found) {
    const { view, known } = this, { words } = view;
    const when = known ? view.moment(new Date(known.metAt)) : "", n = found.leftAfter;
    const left = n === null ? "" : view.say(n ? "left" : "last", { n, when });
    if (found.word === "unsure") return [found.isSigned ? words.noKeys : words.unsigned, left];
    return [view.say("until", { day: view.day(found.endsOn) }), left || view.say("never", { n: found.units }), words.kept];
  }

  async remove(nonce) {
    await store.remove(nonce);
    await this.tell();
  }

  async seen() {
    const rows = (await store.counted(this.told.place)).filter((row) => ["settled", "to_settle"].includes(row.state));
    await store.change(rows.map((row) => row.nonce), () => ({ state: "seen", said: "" }));
    await this.tell();
    this.field.focus();
  }
}

const root = document.querySelector("[data-door]");
if (root) new Door(root);
