import { DivIcon, GridLayer, LatLngBounds, Map as Sheet, Marker, TileLayer, control } from "leaflet/dist/leaflet-src.esm.js";
import { Card } from "./map/card.js";
import { Ground } from "./map/ground.js";
import { List } from "./map/list.js";
import { Nodes } from "./map/nodes.js";
import { screen } from "./map/screen.js";

const CLOSEST = 16;
const live = document.querySelector("[data-live]");
if (live) open(live.dataset);

function frame(text) {
  const [west, south, east, north] = text.split(",").map(Number);
  return new LatLngBounds([south, west], [north, east]);
}

function open(told) {
  const words = JSON.parse(told.words), sheet = live.querySelector(".live__sheet");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const status = live.querySelector("[role=status]");
  const trouble = () => (status.textContent = words.trouble);
  sheet.replaceChildren();
  const map = new Sheet(sheet, {
    minZoom: 3, maxZoom: CLOSEST, zoomSnap: 0.25, attributionControl: false, zoomControl: false, scrollWheelZoom: false,
    inertia: !still, zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still,
  });
  arrive(sheet);
  control.zoom({ zoomInTitle: words.in, zoomOutTitle: words.out, position: "topright" }).addTo(map);
  // A frame that this map wrote in the address must give the same view again, its rounding notwithstanding.
  map.fitBounds(frame(told.frame).pad(-0.01), { animate: false });
  let nodes = null;
  const ground = new Ground({
    address: told.ground, version: told.groundVersion, covered: Boolean(told.tiles), obstacles: () => nodes?.discs() ?? [],
  });
  if (told.tiles) lay(map, told).then((layer) => layer.on("tileerror", trouble)).catch(trouble);
  if (told.mark) mark(map, told.mark.split(",").map(Number));

  const pageOf = (place) => `${told.page}${place.slug}/`;
  const listOf = (bounds) => {
    const around = bounds.pad(0.02), asked = new URLSearchParams(told.question);
    const edges = [around.getWest() - 2e-4, around.getSouth() - 2e-4, around.getEast() + 2e-4, around.getNorth() + 2e-4];
    asked.set("bbox", edges.map((edge) => +edge.toFixed(4)).join(","));
    asked.set("carte", "1");
    return `${told.page}?${asked}`;
  };
  // Loading a browser's own number formats blocks a phone for longer than drawing all the points.
  const figure = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, words.thousands);
  const said = (n, [one, many]) => (n < 2 ? one : many).replace("{n}", figure(n));
  const card = new Card(live.querySelector(".live__card"), { words, hrefOf: pageOf, leave: sheet });
  nodes = new Nodes(map, {
    address: told.places, question: told.question, trouble, figure,
    words: ({ name, city, status: state, unsure }) =>
      [name, city, words.status[state], unsure ? words.here : ""].filter(Boolean).join(", "),
    count: ({ count, vague }) =>
      [said(count, words.places), vague === count ? words.allVague : vague ? said(vague, words.vague) : ""].filter(Boolean).join(", "),
    hrefOf: (one, bounds) => (one ? pageOf(one) : listOf(bounds)),
    choose: (shown, byKeyboard) => card.open(shown, byKeyboard),
  });
  const list = new List(live, { map, nodes, trouble });
  nodes.drawn = () => ground.again();
  nodes.renew(told.version);
  // Places come first: the ground waits for a task of its own.
  setTimeout(() => ground.on("trouble", trouble).addTo(map));
  screen(live, map, words);

  let settled = false;
  map.on("moveend", () => settled && list.moved());
  map.on("movestart", () => card.close());
  map.whenReady(() => (settled = true));
  live.querySelector("#live-go").addEventListener("change", ({ target }) => {
    if (target.value) map.fitBounds(frame(target.value));
    target.value = "";
  });
  show();
}

function isVisit() {
  const [visit] = performance.getEntriesByType("navigation");
  return visit?.type === "navigate" && !location.hash && !scrollY;
}

// Who has just opened the map from a page without it holds it: arrows and Tab start from there.
// To be called once Leaflet listens to keys, and before `screen`: a wheel over the map goes on scrolling the page.
function arrive(sheet) {
  const from = document.referrer && new URL(document.referrer);
  const opened = from && from.origin === location.origin && from.searchParams.get("carte") !== "1";
  if (opened && isVisit() && document.activeElement === document.body) sheet.focus({ preventScroll: true });
}

// On a narrow screen the map comes after the search: who has just opened it goes there at once.
function show() {
  if (matchMedia("(max-width: 61.99rem)").matches && isVisit()) live.scrollIntoView();
}

function mark(map, at) {
  const icon = new DivIcon({ className: "live__mark", iconSize: [22, 22] });
  new Marker(at, { icon, interactive: false, keyboard: false }).addTo(map);
}

async function lay(map, { tiles, tilesScript }) {
  if (!tiles.endsWith(".pmtiles")) return new TileLayer(tiles, { maxZoom: CLOSEST }).addTo(map);
  const { layer } = await import(tilesScript);
  return (await layer(GridLayer, tiles)).addTo(map);
}
