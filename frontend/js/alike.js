// While somebody types the name of a missing place, shows those that it may already be; the form works without.

const WAIT_MS = 350;

export function startAlike() {
  const box = document.querySelector("[data-alike]");
  const form = box?.closest("form");
  if (!form) return;
  let timer = 0;
  let asked = "";
  const ask = async () => {
    const query = new URLSearchParams();
    for (const name of ["name", "commune_cherche"]) query.set(name, form.elements[name]?.value.trim() ?? "");
    if (query.get("name").length < 3 || query.toString() === asked) return;
    asked = query.toString();
    try {
      const answer = await fetch(`${box.dataset.alike}?${query}`, { headers: { Accept: "text/html" } });
      if (answer.ok && query.toString() === asked) box.innerHTML = await answer.text();
    } catch {
      asked = ""; // no network: the server proposes them when the form is sent
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
}
