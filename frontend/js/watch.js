// A long work: its page is read again every other second, and shown anew once the work has ended.

const EVERY_MS = 1500;

export function watch(box) {
  const look = async () => {
    try {
      const answer = await fetch(box.dataset.watch, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelector("[data-watch]");
        if (!fresh) {
          location.reload();
          return;
        }
        show(box, fresh);
      }
    } catch {
      // The line is cut: the work goes on, and is looked at again.
    }
    setTimeout(look, EVERY_MS);
  };
  setTimeout(look, EVERY_MS);
}

function show(box, fresh) {
  if (fresh.querySelector("form") && !box.querySelector("form")) {
    box.replaceChildren(...fresh.childNodes);
    return;
  }
  const [bar, now] = [box.querySelector("progress"), fresh.querySelector("progress")];
  if (now.hasAttribute("value")) bar.value = now.value;
  else bar.removeAttribute("value");
  const [said, says] = [box.querySelector("[role=status]"), fresh.querySelector("[role=status]")];
  if (said.textContent !== says.textContent) said.textContent = says.textContent;
}
