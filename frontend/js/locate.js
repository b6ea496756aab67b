// The position of the phone, asked on a tap only; a vague one is refused, a middling one is said to be so.
const EXACT_M = 40;
const VAGUE_M = 500;
const DECIMALS = 5;

export function locate(button) {
  if (!navigator.geolocation) return;
  const line = button.parentElement;
  const status = line.querySelector("[role=status]");
  const { form } = button;
  line.hidden = false;

  function take({ coords }) {
    button.removeAttribute("aria-busy");
    if (coords.accuracy > VAGUE_M) {
      status.textContent = button.dataset.vague;
      return;
    }
    form.elements.lat.value = coords.latitude.toFixed(DECIMALS);
    form.elements.lon.value = coords.longitude.toFixed(DECIMALS);
    form.elements.precision.value = coords.accuracy <= EXACT_M ? "address" : "street";
    status.textContent = button.dataset.done.replace("{n}", Math.ceil(coords.accuracy));
  }

  button.addEventListener("click", () => {
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      take,
      () => {
        button.removeAttribute("aria-busy");
        status.textContent = button.dataset.refused;
      },
      { enableHighAccuracy: true, maximumAge: 0, timeout: 20_000 },
    );
  });
}
