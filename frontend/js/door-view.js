// What the page of the door shows: the answer, the line, what waits, what was answered.

const filled = (text, facts) => text.replaceAll(/\{(\w+)\}/g, (hole, name) => facts[name] ?? hole);

export function element(name, options = {}, ...inside) {
  const made = Object.assign(document.createElement(name), options);
  made.append(...inside.filter((one) => one !== null && one !== ""));
  return made;
}

export class View {
  constructor(root, told) {
    this.root = root;
    this.words = told.words;
    this.told = told;
    this.answer = root.querySelector("[data-answer]");
  }

  part(name) {
    return this.root.querySelector(`[data-${name}]`);
  }

  say(name, facts = {}) {
    const found = this.words[name];
    return filled(Array.isArray(found) ? found[facts.n < 2 ? 0 : 1] : found, facts);
  }

  moment(at) {
    if (Number.isNaN(Number(at))) return "";
    return new Intl.DateTimeFormat(this.told.language, { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" }).format(at);
  }

  day(text) {
    const shown = new Intl.DateTimeFormat(this.told.language, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
    return shown.format(new Date(`${text}T00:00:00Z`)).replace(/^1 /, this.told.language === "fr" ? "1er " : "1 ");
  }

  /** The one thing that is read at arm's length: a word, why, and the code; `tag` says that no server was asked. */
  verdict(word, lines, code = "", tag = "") {
    const box = this.root.querySelector(`template[data-verdict=${word}]`).content.firstElementChild.cloneNode(true);
    if (tag) box.firstElementChild.append(" ", element("span", { className: "tag", textContent: tag }));
    lines.filter(Boolean).forEach((line, rank) => box.append(element("p", { className: rank ? "verdict__more" : "verdict__why", textContent: line })));
    if (code) box.append(element("p", { className: "verdict__code", textContent: code }));
    this.show(box);
  }

  /** The half-days of today, as the server's own page has them. */
  today(page) {
    const today = page.querySelector("[data-today]");
    if (today) this.part("today").replaceWith(document.adoptNode(today));
  }

  /** The answer of the server, as its own page has it. */
  swap(page) {
    const box = page.querySelector("[data-answer] .verdict");
    if (!box) return;
    box.removeAttribute("role");
    box.removeAttribute("autofocus");
    this.show(document.adoptNode(box));
  }

  show(box) {
    this.answer.replaceChildren(box);
    box.focus({ preventScroll: true });
    box.scrollIntoView({ block: "start", behavior: "instant" });
  }

  clear() {
    this.answer.replaceChildren();
  }

  /** The state of the line: `facts` fill its sentence, `hints` come below it. */
  line(state, facts, hints, link = null) {
    const bar = this.part("line");
    bar.dataset.line = state;
    bar.hidden = false;
    const words = bar.querySelector("[data-state]"), said = this.say(state, facts);
    if (words.textContent !== said) words.textContent = said;
    const hint = bar.querySelector("[data-hint]");
    hint.replaceChildren(...hints.filter(Boolean).map((one) => element("span", { textContent: `${one} ` })));
    if (link) hint.append(element("a", { className: "text", href: link, textContent: this.words.login }));
  }

  row(entry, ...more) {
    const half = this.words.halves[entry.half];
    const when = [this.moment(new Date(entry.at)), half].filter(Boolean).join(" · ");
    const who = element("div", { className: "comer__who" }, element("p", { className: "comer__name", textContent: entry.code }), element("p", { className: "small", textContent: when }));
    const shown = element("li", { className: "comer" }, who, ...more);
    shown.dataset.nonce = entry.nonce;
    return shown;
  }

  queue(rows, remove) {
    const part = this.part("queue"), focused = part.contains(document.activeElement);
    part.hidden = !rows.length;
    if (!rows.length) return focused && this.part("form").elements.code.focus();
    part.querySelector("[data-head]").textContent = this.say("waiting", { n: rows.length });
    const days = (Date.now() - Date.parse(rows[0].at)) / 86_400_000;
    const oldest = part.querySelector("[data-oldest]");
    oldest.hidden = days < 2;
    oldest.textContent = this.say("oldest", { when: this.moment(new Date(rows[0].at)), n: this.told.lastsDays });
    const lines = rows.map((row) => this.row(row, this.state(row), row.tried ? null : this.removing(row, remove)));
    part.querySelector("[data-rows]").replaceChildren(...lines);
  }

  state(row) {
    const said = row.stuck ? this.say("stuck", { status: row.stuck }) : row.tried ? this.words.tried : row.isSigned ? "" : this.words.toCheck;
    return said ? element("p", { className: "comer__state", textContent: said }) : null;
  }

  removing(row, remove) {
    const button = element("button", { type: "button", className: "btn btn--quiet", textContent: this.words.remove });
    button.append(element("span", { className: "sr", textContent: ` ${row.code}` }));
    button.addEventListener("click", () => {
      if (button.dataset.sure) return remove(row.nonce);
      button.dataset.sure = "1";
      button.firstChild.textContent = this.words.sure;
    });
    return button;
  }

  answers(rows) {
    const part = this.part("answers");
    part.hidden = !rows.length;
    const lost = rows.filter((row) => row.state === "to_settle"), won = rows.filter((row) => row.state === "settled");
    const told = part.querySelector("[data-told]");
    const head = [
      won.length ? element("p", { className: "queue__won", textContent: this.say("settled", { n: won.length }) }) : null,
      lost.length ? element("p", { className: "queue__lost", textContent: this.say("toSettle", { n: lost.length }) }) : null,
      lost.length ? element("p", { className: "small", textContent: this.words.toSettleHint }) : null,
    ].filter(Boolean);
    if (told.textContent !== head.map((one) => one.textContent).join("")) told.replaceChildren(...head);
    const why = (row) => (row.said ? element("p", { className: row.state === "to_settle" ? "comer__why comer__why--lost" : "comer__why", textContent: row.said }) : null);
    part.querySelector("[data-rows]").replaceChildren(...[...lost, ...won].map((row) => this.row(row, why(row))));
  }
}
