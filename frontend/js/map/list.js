// The list beside the map shows the places of the view, at an address that can be shared.
const PAUSE_MS = 250;
const KEEP_FRAME = ".take__list a[href], .tongues a, .live__close, .picks a, .sorts a";

export class List {
  constructor(live, { map, nodes, trouble }) {
    Object.assign(this, { live, map, nodes, trouble });
    this.section = document.querySelector(".split__list");
    this.status = document.getElementById("announce");
    nodes.told = (shown) => this.light(shown);
    this.listen();
  }

  listen() {
    const place = (event) => event.target.closest?.(".place");
    const lit = (item) => {
      const [lat, lon] = item.dataset.at.split(",").map(Number);
      return { slug: item.dataset.slug, at: item.dataset.at ? { lat, lng: lon } : null };
    };
    for (const kind of ["mouseover", "focusin"])
      this.section.addEventListener(kind, (event) => place(event) && this.nodes.light(lit(place(event))));
    for (const kind of ["mouseleave", "focusout"]) this.section.addEventListener(kind, () => this.nodes.light(null));
  }

  light(shown) {
    const slugs = new Set(shown?.members?.map(({ slug }) => slug));
    for (const item of this.section.querySelectorAll(".place")) {
      const [lat, lon] = item.dataset.at.split(",").map(Number);
      const inside = shown && !shown.members && item.dataset.at && shown.bounds.contains([lat, lon]);
      item.classList.toggle("place--lit", Boolean(slugs.has(item.dataset.slug) || inside));
    }
  }

  moved() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.follow(), PAUSE_MS);
  }

  frame() {
    const round = (value, most) => String(+Math.max(-most, Math.min(most, value)).toFixed(4));
    const bounds = this.map.getBounds();
    return [
      round(bounds.getWest(), 180), round(bounds.getSouth(), 90), round(bounds.getEast(), 180), round(bounds.getNorth(), 90),
    ].join(",");
  }

  async follow() {
    const frame = this.frame(), asked = new URLSearchParams(this.live.dataset.question);
    const sort = new URLSearchParams(location.search).get("tri");
    if (sort) asked.set("tri", sort);
    asked.set("bbox", frame);
    this.request?.abort();
    this.request = new AbortController();
    this.section.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${this.live.dataset.list}?${asked}`, this.request);
      if (!answer.ok) throw new Error(answer.status);
      this.write(await answer.text(), frame);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.trouble();
    }
    this.section.removeAttribute("aria-busy");
  }

  write(text, frame) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.querySelector(".split__list");
    const held = this.section.contains(document.activeElement);
    this.section.replaceChildren(...fresh.childNodes);
    if (held) this.map.getContainer().focus({ preventScroll: true });
    const { title, number, word, version } = fresh.dataset;
    const tally = document.querySelector(".tally");
    tally.querySelector(".tally__n").textContent = number;
    tally.querySelector(".tally__n").nextSibling.textContent = ` ${word}`;
    this.status.textContent = JSON.parse(this.live.dataset.words).seen.replace("{title}", title);
    const here = new URL(location.href);
    here.searchParams.set("bbox", frame);
    here.searchParams.delete("page");
    history.replaceState(history.state, "", here.href.replaceAll("%2C", ","));
    for (const link of document.querySelectorAll(KEEP_FRAME)) {
      const there = new URL(link.href);
      there.searchParams.set("bbox", frame);
      link.href = there.href;
    }
    document.querySelectorAll(".sift__form").forEach((form) => {
      const field = form.querySelector("[name=bbox]") ?? form.appendChild(document.createElement("input"));
      Object.assign(field, { type: "hidden", name: "bbox", value: frame });
    });
    this.nodes.renew(version);
  }
}
