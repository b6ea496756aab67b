export function share(item) {
  if (!navigator.share && !navigator.clipboard) return;
  item.hidden = false;
  item.querySelector("button").addEventListener("click", async () => {
    const url = location.href;
    try {
      if (navigator.share) await navigator.share({ title: document.title, url });
      else await navigator.clipboard.writeText(url);
    } catch {
      return;
    }
    if (!navigator.share) item.querySelector("[role=status]").textContent = item.dataset.share;
  });
}

export function print(item) {
  item.hidden = false;
  item.querySelector("button").addEventListener("click", () => window.print());
}
