// Three decimals are about a hundred metres: enough to find a place, not to find a person.
const DECIMALS = 3;
const MINUTES = 20;

export function near(button) {
  if (!navigator.geolocation) return;
  const status = button.parentElement.querySelector("[role=status]");
  button.parentElement.hidden = false;
  button.addEventListener("click", () => {
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const point = `${coords.latitude.toFixed(DECIMALS)},${coords.longitude.toFixed(DECIMALS)}`;
        location.href = `${button.dataset.near}?pres=${point}&minutes=${MINUTES}`;
      },
      () => {
        button.removeAttribute("aria-busy");
        status.textContent = button.dataset.refused;
      },
      { maximumAge: 300_000, timeout: 10_000 },
    );
  });
}
