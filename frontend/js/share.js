export function share(item) {
  if (!navigator.share && !navigator.clipboard) return;
  const button = item.querySelector("button");
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  item.append(" ", status);
  item.hidden = false;
  button.addEventListener("click", async () => {
    const url = location.href;
    try {
      if (navigator.share) return await navigator.share({ title: document.title, url });
      await navigator.clipboard.writeText(url);
      status.textContent = button.dataset.done;
    } catch {
      // Closing the share sheet is an answer, not a failure.
    }
  });
}

export function print(item) {
  item.hidden = false;
  item.querySelector("button").addEventListener("click", () => window.print());
}
