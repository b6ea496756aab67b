// Places as real links on the map: one stop of the Tab key, then arrows from point to point.
import { DivIcon, LatLngBounds, Marker } from "leaflet/dist/leaflet-src.esm.js";
import { nodes as read } from "./decode.js";

const SIZE = 512;
const LAST_ZOOM = 16;
const KEPT_TILES = 300;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const Link = DivIcon.extend({
  createIcon() {
    const link = document.createElement("a");
    const { node, words, href, figure } = this.options;
    const grown = node.count > 1 ? Math.min(26, 13 + 4.2 * Math.log10(node.count) ** 1.3) : 0;
    link.href = href;
    link.tabIndex = -1;
    this._setIconStyles(link, "icon");
    link.classList.add("node");
    link.classList.toggle("node--many", node.count > 1);
    link.classList.toggle("node--vague", node.vague === node.count);
    link.setAttribute("aria-label", words);
    const mark = link.appendChild(document.createElement("span"));
    mark.setAttribute("aria-hidden", "true");
    if (grown) {
      mark.textContent = figure(node.count);
      mark.style.width = mark.style.height = `${2 * grown}px`;
    }
    return link;
  },
});

export class Nodes {
  constructor(map, { address, question, words, count, figure, hrefOf, choose, trouble }) {
    Object.assign(this, { map, address, question, words, count, figure, hrefOf, choose, trouble });
    this.tiles = new Map();
    this.shown = new Map();
    map.on("moveend", () => this.refresh());
    map.getPane("markerPane").addEventListener("keydown", (event) => this.walk(event));
    map.getPane("markerPane").addEventListener("focusin", ({ target }) => this.stop(target));
  }

  renew(version) {
    if (version === this.version) return;
    this.version = version;
    this.tiles.clear();
    this.refresh();
  }

  tile(z, x, y) {
    const key = `${z}/${x}/${y}`;
    if (!this.tiles.has(key)) {
      const asked = new URLSearchParams(this.question);
      asked.set("v", this.version);
      const told = fetch(`${this.address.replace("0/0/0", key)}?${asked}`).then(async (answer) => {
        if (!answer.ok) throw new Error(answer.status);
        return read(await answer.json(), x, y, SIZE);
      });
      told.catch(() => this.tiles.delete(key));
      this.tiles.set(key, told);
      if (this.tiles.size > KEPT_TILES) this.tiles.delete(this.tiles.keys().next().value);
    }
    return this.tiles.get(key);
  }

  async refresh() {
    performance.mark("map-asked");
    // Between two zooms, the nearest one at which no point hides another: 56 pixels there are at least 47 here.
    const zoom = Math.floor(this.map.getZoom() + 0.25), z = zoom - 1, most = 2 ** z - 1;
    const view = this.map.getPixelBounds(), scale = this.map.getZoomScale(zoom);
    const min = view.min.multiplyBy(scale), max = view.max.multiplyBy(scale);
    const within = (value) => Math.max(0, Math.min(most, Math.floor(value / SIZE)));
    const asked = [];
    for (let x = within(min.x - 30); x <= within(max.x + 30); x++)
      for (let y = within(min.y - 30); y <= within(max.y + 30); y++) asked.push(this.tile(z, x, y));
    const turn = (this.turn = Symbol(zoom));
    try {
      const told = (await Promise.all(asked)).flat();
      if (turn === this.turn) this.show(told, zoom);
    } catch {
      if (turn === this.turn) this.trouble();
    }
  }

  show(told, zoom) {
    const held = [...this.shown.values()].find(({ link }) => link === document.activeElement);
    const wanted = new Map(told.map((node) => [`${zoom}:${node.key}`, node]));
    for (const [key, { marker }] of this.shown) {
      if (wanted.has(key)) continue;
      marker.remove();
      this.shown.delete(key);
    }
    for (const [key, node] of wanted) if (!this.shown.has(key)) this.shown.set(key, this.draw(node, zoom));
    const links = [...this.shown.values()];
    const near = this.map.project(held ? held.at : this.map.getCenter(), this.map.getZoom());
    const nearest = this.nearest(links, near, () => true);
    if (nearest) this.stop(nearest.link);
    if (held && !held.link.isConnected) (nearest?.link ?? this.map.getContainer()).focus({ preventScroll: true });
    this.map.getContainer().dataset.shown = told.reduce((sum, node) => sum + node.count, 0);
    performance.mark("map-shown");
    this.drawn?.();
    this.light(this.lit);
  }

  draw(node, zoom) {
    const at = this.map.unproject(node.at, zoom);
    const bounds = new LatLngBounds(this.map.unproject(node.low, zoom), this.map.unproject(node.high, zoom));
    const one = node.members?.length === 1 && node.count === 1 ? node.members[0] : null;
    const words = one ? this.words(one) : this.count(node);
    const icon = new Link({ node, words, href: this.hrefOf(one, bounds), figure: this.figure, iconSize: [44, 44], className: "" });
    const marker = new Marker(at, { icon, keyboard: false, riseOnHover: true, zIndexOffset: node.count }).addTo(this.map);
    const link = marker.getElement();
    const shown = { ...node, at, bounds, marker, link, one };
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      const apart = !node.members && zoom < LAST_ZOOM;
      if (apart) this.map.fitBounds(bounds, { padding: [50, 50], maxZoom: Math.max(zoom + 1, Math.min(LAST_ZOOM, zoom + 4)) });
      else this.choose(shown, event.detail === 0);
    });
    for (const kind of ["mouseenter", "focus"]) link.addEventListener(kind, () => this.told?.(shown));
    for (const kind of ["mouseleave", "blur"]) link.addEventListener(kind, () => this.told?.(null));
    return shown;
  }

  // The discs on screen, so that names of towns keep clear of them.
  discs() {
    return [...this.shown.values()].map(({ at, count }) => ({ ...this.map.latLngToContainerPoint(at), r: count > 1 ? 24 : 13 }));
  }

  stop(link) {
    if (!link.classList.contains("node")) return;
    for (const shown of this.shown.values()) shown.link.tabIndex = shown.link === link ? 0 : -1;
  }

  walk(event) {
    const step = STEPS[event.key];
    const from = [...this.shown.values()].find(({ link }) => link === event.target);
    if (!step || !from) return;
    event.preventDefault();
    event.stopPropagation();
    const zoom = this.map.getZoom(), here = this.map.project(from.at, zoom);
    const ahead = (dx, dy) => dx * step[0] + dy * step[1] > Math.abs(dx * step[1] + dy * step[0]) * 0.6;
    const next = this.nearest([...this.shown.values()].filter((one) => one !== from), here, ahead);
    if (!next) return;
    this.stop(next.link);
    next.link.focus({ preventScroll: true });
    if (!this.map.getBounds().contains(next.at)) this.map.panTo(next.at);
  }

  nearest(among, point, fits) {
    let best = null, least = Infinity;
    for (const one of among) {
      const there = this.map.project(one.at, this.map.getZoom());
      const dx = there.x - point.x, dy = there.y - point.y, away = dx * dx + dy * dy;
      if (away < least && fits(dx, dy)) [best, least] = [one, away];
    }
    return best;
  }

  // Lights the point of a place, or the disc it is in.
  light(place) {
    this.lit = place;
    const all = [...this.shown.values()];
    all.forEach(({ link }) => link.classList.remove("node--lit"));
    if (!place) return;
    const own = all.find(({ members }) => members?.some(({ slug }) => slug === place.slug));
    const around = place.at && all.filter(({ bounds }) => bounds.pad(0.001).contains(place.at));
    const zoom = this.map.getZoom();
    const found = own ?? (around?.length ? this.nearest(around, this.map.project(place.at, zoom), () => true) : null);
    found?.link.classList.add("node--lit");
  }
}
