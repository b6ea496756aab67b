// Reads a QR code in a picture, for browsers that cannot. `qr` is small, kept, and has no dependency.
import decodeQR from "qr/decode.js";

/** The text of the QR code of a picture; empty where there is none. */
export function decode(picture) {
  try {
    return decodeQR(picture);
  } catch {
    return "";
  }
}
