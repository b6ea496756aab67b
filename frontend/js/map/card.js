// What is chosen on the map, in a card at its foot: names that are links, and how sure their point is.
export class Card {
  constructor(box, { words, hrefOf, leave }) {
    Object.assign(this, { box, words, hrefOf, leave });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
  }

  open({ members, count, link }, byKeyboard) {
    this.from = link;
    const shut = element("button", "live__shut", "×");
    shut.type = "button";
    shut.setAttribute("aria-label", this.words.close);
    shut.addEventListener("click", () => this.close());
    const parts = members.length > 1 ? [element("p", "small", this.words.spot)] : [];
    const list = element("ul", "live__names");
    for (const place of members) {
      const item = list.appendChild(document.createElement("li"));
      const name = item.appendChild(element("a", "live__name", place.name));
      name.href = this.hrefOf(place);
      const { city, status, category, unsure } = place;
      const about = [city, this.words.category[category], this.words.status[status]].filter(Boolean).join(" · ");
      item.append(element("p", "small", about));
      if (unsure && members.length === 1) item.append(element("p", "small live__unsure", this.words.here));
    }
    parts.push(list);
    if (members.length > 1 && members.every(({ unsure }) => unsure)) parts.push(element("p", "small live__unsure", this.words.here));
    if (count > members.length) parts.push(element("p", "small", this.words.more.replace("{n}", count - members.length)));
    this.box.replaceChildren(shut, ...parts);
    this.box.hidden = false;
    if (byKeyboard) list.querySelector("a").focus({ preventScroll: true });
  }

  close() {
    if (this.box.hidden) return;
    const held = this.box.contains(document.activeElement);
    this.box.hidden = true;
    if (held) (this.from?.isConnected ? this.from : this.leave).focus({ preventScroll: true });
  }
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
