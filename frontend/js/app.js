import { startAlike } from "./alike.js";
import { locate } from "./locate.js";
import { near } from "./near.js";
import { share, print } from "./share.js";
import { suggest } from "./suggest.js";
import { bringIn } from "./tabs.js";
import { watch } from "./watch.js";

document.querySelectorAll("[data-suggest]").forEach(suggest);
document.querySelectorAll("[data-near]").forEach(near);
document.querySelectorAll("[data-share]").forEach(share);
document.querySelectorAll("[data-print]").forEach(print);
document.querySelectorAll("[data-locate]").forEach(locate);
document.querySelectorAll(".manage__nav").forEach(bringIn);
document.querySelectorAll("[data-watch]").forEach(watch);
startAlike();
