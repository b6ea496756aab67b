// The camera, only when asked for: the browser's own reader of QR codes, else ours, fetched at that moment.

const EVERY_MS = 120, WIDEST = 800;

export function lens(form, { decoder, read, trouble }) {
  const on = form.querySelector("[data-lens-on]"), box = form.querySelector("[data-lens]");
  const video = box.querySelector("video"), off = box.querySelector("[data-lens-off]");
  if (!navigator.mediaDevices?.getUserMedia) return;
  on.hidden = false;
  form.querySelector("[data-with-camera]").hidden = false;
  form.querySelector("[data-without-camera]").hidden = true;
  let stream = null;

  const close = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    box.hidden = true;
    on.hidden = false;
  };

  const open = async () => {
    trouble("");
    try {
      const look = await reader(decoder);
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
      const [track] = stream.getVideoTracks();
      track.addEventListener("ended", close);
      on.hidden = true;
      box.hidden = false;
      video.srcObject = stream;
      await video.play();
      off.focus();
      while (stream) {
        const text = video.readyState >= 2 ? await look(video) : "";
        if (text && stream) {
          close();
          return read(text);
        }
        await new Promise((done) => setTimeout(done, EVERY_MS));
      }
    } catch {
      close();
      trouble("camera");
    }
  };

  on.addEventListener("click", open);
  off.addEventListener("click", () => {
    close();
    on.focus();
  });
  document.addEventListener("visibilitychange", () => document.hidden && close());
}

async function reader(decoder) {
  const formats = await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => []);
  if (formats?.includes("qr_code")) {
    const own = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await own.detect(video))[0]?.rawValue ?? "";
  }
  const { decode } = await import(decoder);
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, WIDEST / video.videoWidth);
    [canvas.width, canvas.height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    return decode(pen.getImageData(0, 0, canvas.width, canvas.height));
  };
}
