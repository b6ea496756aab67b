// The ARIA combobox with a list: the field keeps the focus, arrows move in the list, Escape closes it.
const PAUSE_MS = 120;
const SHORTEST = 2;

export function suggest(input) {
  const list = document.createElement("ul");
  const status = document.createElement("p");
  let timer, request, chosen = -1;

  list.id = `${input.id}-list`;
  list.className = "suggest";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0].textContent);
  status.className = "sr";
  status.setAttribute("role", "status");
  input.form.append(list, status);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  })) input.setAttribute(name, value);

  function choose(index) {
    list.children[chosen]?.setAttribute("aria-selected", "false");
    chosen = index;
    const option = list.children[chosen];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function show(open) {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) choose(-1);
  }

  function dismiss() {
    clearTimeout(timer);
    request?.abort();
    show(false);
  }

  async function fill() {
    request?.abort();
    request = new AbortController();
    const text = input.value.trim();
    if (text.length < SHORTEST) return show(false);
    try {
      const answer = await fetch(`${input.dataset.suggest}?${new URLSearchParams({ q: text })}`, request);
      if (!answer.ok) return show(false);
      list.innerHTML = await answer.text();
    } catch {
      return;
    }
    chosen = -1;
    choose(-1);
    const count = list.children.length;
    show(count > 0 && document.activeElement === input);
    status.textContent = count ? `${count} ${input.dataset.found}` : "";
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(fill, PAUSE_MS);
  });
  const follow = ({ dataset: { href } }) => {
    const kept = href.includes("?") ? new URLSearchParams(new FormData(input.form)) : new URLSearchParams();
    kept.delete("q");
    location.href = kept.size ? `${href}&${kept}` : href;
  };

  input.addEventListener("keydown", (event) => {
    const count = list.children.length;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      dismiss();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      if (list.hidden) show(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(chosen < 0 && step < 0 ? count - 1 : (chosen + step + count) % count);
    } else if (event.key === "Enter" && !list.hidden && chosen >= 0) {
      event.preventDefault();
      follow(list.children[chosen]);
    }
  });
  input.addEventListener("blur", () => setTimeout(dismiss, 150));
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) follow(option);
  });
}
