// One finger scrolls the page, two move the map; on the whole screen one finger is enough.
const HINT_MS = 1500;

export function screen(live, map, words) {
  const button = live.querySelector(".live__full"), sheet = map.getContainer(), hint = live.querySelector(".live__hint");
  const touch = matchMedia("(pointer: coarse)").matches;
  let timer;

  function fill(on) {
    const was = live.classList.contains("live--full");
    live.classList.toggle("live--full", on);
    document.documentElement.classList.toggle("live-full", on);
    button.setAttribute("aria-pressed", String(on));
    button.textContent = words.full[Number(on)];
    for (const other of beside(live)) other.inert = on;
    if (touch) map.dragging[on ? "enable" : "disable"]();
    if (on) map.scrollWheelZoom.enable();
    map.invalidateSize();
    if (was && !on) button.focus();
  }

  // The whole screen is a step of the history: the way back leaves it, and stays on the map.
  function enter() {
    history.pushState({ full: true }, "");
    fill(true);
  }
  const leave = () => (history.state?.full ? history.back() : fill(false));

  button.addEventListener("click", () => (live.classList.contains("live--full") ? leave() : enter()));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && live.classList.contains("live--full")) leave();
  });
  addEventListener("popstate", () => {
    const on = Boolean(history.state?.full);
    if (on !== live.classList.contains("live--full")) fill(on);
  });
  if (history.state?.full) fill(true);
  if (touch) {
    map.dragging.disable();
    sheet.addEventListener("touchmove", ({ touches }) => {
      if (touches.length > 1 || live.classList.contains("live--full")) return;
      hint.hidden = false;
      clearTimeout(timer);
      timer = setTimeout(() => (hint.hidden = true), HINT_MS);
    }, { passive: true });
  }
  // The wheel scrolls the page until the map has been taken in hand.
  sheet.addEventListener("pointerdown", () => map.scrollWheelZoom.enable());
  sheet.addEventListener("focus", () => map.scrollWheelZoom.enable());
  sheet.addEventListener("mouseleave", () => live.classList.contains("live--full") || map.scrollWheelZoom.disable());
}

// Every element outside the map, none that holds it.
function beside(live) {
  const others = [];
  for (let holder = live; holder !== document.body; holder = holder.parentElement)
    others.push(...[...holder.parentElement.children].filter((one) => one !== holder));
  return others;
}
