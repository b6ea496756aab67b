// The ground on one canvas: land, borders, communes as dots where there are no outlines, and names of towns.
import { Bounds, Browser, DomUtil, Renderer } from "leaflet/dist/leaflet-src.esm.js";
import { points, trace } from "./decode.js";

const WORLD_BITS = 30;
const NEAR_ZOOM = 9;
const DOTS_FAR = [1.2, 1.7, 2.4, 3.2, 4.2];
const DOTS_NEAR = [2, 2.6, 3.6, 5, 7];
const NAMES_A_FRAME = 8;
// Where a name may go around its town: half widths across, pixels down.
const BESIDE = [[0, 2], [0, -20], [1.25, -9], [-1.25, -9], [0, 28], [0, -46]];
const LINES = [["hair", 0.7], ["epci", 1.3], ["dep", 1], ["reg", 1.8], ["coast", 1.4]];

export const Ground = Renderer.extend({
  options: { padding: 0.2, address: "", version: "", covered: false, obstacles: () => [] },

  initialize(options) {
    Renderer.prototype.initialize.call(this, options);
    this._layers = {};
    this._parts = new Map();
    this._dark = matchMedia("(prefers-color-scheme: dark)");
    this._redraw = () => this._map && this._parts.get("france") && (this._drawn ? this._draw() : this._unfold());
  },

  onAdd(map) {
    Renderer.prototype.onAdd.call(this, map);
    this._dark.addEventListener("change", this._redraw);
    document.fonts?.ready.then(() => this.again());
    this._load("france");
  },

  onRemove() {
    this._dark.removeEventListener("change", this._redraw);
    Renderer.prototype.onRemove.call(this);
  },

  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.setAttribute("aria-hidden", "true");
    this._context = this._container.getContext("2d");
  },

  _destroyContainer() {
    this._container.remove();
    delete this._container;
  },

  _updatePaths() {},

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    this._ratio = Math.min(Browser.retina ? window.devicePixelRatio : 1, 2);
    DomUtil.setPosition(this._container, this._bounds.min);
    this._container.width = size.x * this._ratio;
    this._container.height = size.y * this._ratio;
    this._container.style.width = `${size.x}px`;
    this._container.style.height = `${size.y}px`;
    this._near();
    if (this._parts.get("france")) this._draw();
  },

  again() {
    cancelAnimationFrame(this._wanted);
    this._wanted = requestAnimationFrame(this._redraw);
  },

  async _load(key) {
    if (this._parts.has(key)) return;
    this._parts.set(key, null);
    try {
      const answer = await fetch(`${this.options.address.replace("france", key)}?v=${this.options.version}`);
      if (!answer.ok) throw new Error(answer.status);
      this._parts.set(key, this._read(await answer.json()));
    } catch {
      this._parts.delete(key);
      this.fire("trouble");
      return;
    }
    this._near();
    this.again();
  },

  _read(told) {
    const path = (lines, closed) => {
      const drawn = new Path2D();
      for (const line of lines ?? []) trace(line, drawn, closed);
      return drawn;
    };
    const dots = (told.dots ?? []).map((line) => {
      const drawn = new Path2D();
      for (const [x, y] of points(line)) drawn.moveTo(x, y), drawn.lineTo(x + 0.01, y);
      return drawn;
    });
    const land = path(told.land, true);
    const lines = { hair: path(told.hair), epci: path(told.epci), dep: path(told.dep), reg: path(told.reg), coast: land };
    return { bits: told.bits, land, lines, dots, names: told.names, parts: told.parts };
  },

  _shown() {
    const france = this._parts.get("france");
    if (!france || this._map?.getZoom() < NEAR_ZOOM) return [];
    const scale = 2 ** (WORLD_BITS - 8 - this._map.getZoom() - france.bits);
    const { min, max } = this._map.getPixelBounds();
    return france.parts
      .filter(([, left, top, right, bottom]) =>
        left <= max.x * scale && right >= min.x * scale && top <= max.y * scale && bottom >= min.y * scale)
      .map(([code]) => `dep-${code}`);
  },

  _near() {
    if (this._map) this._shown().forEach((key) => this._load(key));
  },

  _draw() {
    for (const _ of (this._drawing = this._strokes()));
    this._drawn = true;
  },

  // The first time a stroke each frame: all at once they would keep a slow phone from answering.
  _unfold() {
    const drawing = (this._drawing = this._strokes());
    const next = () => {
      if (drawing !== this._drawing) return;
      if (drawing.next().done) this._drawn = true;
      else requestAnimationFrame(next);
    };
    next();
  },

  *_strokes() {
    const context = this._context, style = getComputedStyle(this._map.getContainer());
    const colour = (name) => style.getPropertyValue(`--map-${name}`);
    const france = this._parts.get("france"), near = this._shown();
    const ready = near.map((key) => this._parts.get(key)).filter(Boolean);
    const whole = near.length > 0 && ready.length === near.length;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this._container.width, this._container.height);
    const sheets = [...(france && !whole ? [france] : []), ...ready];
    for (const sheet of sheets) {
      const scale = this._place(sheet.bits);
      if (!this.options.covered) {
        context.fillStyle = colour("land");
        context.fill(sheet.land, "evenodd");
      }
      const widths = sheet === france ? DOTS_FAR : DOTS_NEAR;
      context.lineCap = "round";
      sheet.dots.forEach((dots, size) => {
        context.strokeStyle = colour("dots");
        context.lineWidth = (widths[size] * Math.max(1, 2 ** ((this._map.getZoom() - 6) / 3))) / scale;
        context.stroke(dots);
      });
      // Round corners of lines this thin cost half as much again, and nobody sees them.
      context.lineJoin = "bevel";
      context.lineCap = "butt";
      for (const [name, width] of LINES) {
        if (name === "coast" && !whole && sheet !== france) continue;
        context.strokeStyle = colour(name);
        context.lineWidth = width / scale;
        context.stroke(sheet.lines[name]);
        yield name;
      }
    }
    if (!this.options.covered) yield* this._name(sheets.flatMap((sheet) => this._named(sheet)), colour);
  },

  _place(bits) {
    const scale = 2 ** (bits + 8 + this._map.getZoom() - WORLD_BITS), ratio = this._ratio;
    const corner = this._map.getPixelOrigin().add(this._bounds.min);
    this._context.setTransform(ratio * scale, 0, 0, ratio * scale, -ratio * corner.x, -ratio * corner.y);
    return scale;
  },

  _named({ bits, names }) {
    const zoom = this._map.getZoom(), scale = 2 ** (bits + 8 + zoom - WORLD_BITS);
    const corner = this._map.getPixelOrigin().add(this._bounds.min), size = this._bounds.getSize();
    return names
      .filter(([, , , first]) => first <= zoom)
      .map(([x, y, name, first]) => ({ x: x * scale - corner.x, y: y * scale - corner.y, name, first }))
      .filter(({ x, y }) => x > 0 && y > 0 && x < size.x && y < size.y);
  },

  *_name(names, colour) {
    const context = this._context, ratio = this._ratio, said = new Set();
    const taken = this.options.obstacles().map(({ x, y, r }) => {
      const at = this._map.containerPointToLayerPoint([x, y]).subtract(this._bounds.min);
      return new Bounds(at.subtract([r, r]), at.add([r, r]));
    });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.lineJoin = "round";
    context.textAlign = "center";
    context.textBaseline = "top";
    context.lineWidth = 3;
    const family = getComputedStyle(document.body).fontFamily;
    for (const { x, y, name, first } of names.sort((a, b) => a.first - b.first)) {
      context.font = `${first <= 7 ? 600 : 480} ${first <= 7 ? 14 : 12.5}px ${family}`;
      const half = context.measureText(name).width / 2 + 3;
      const boxes = BESIDE.map(([dx, dy]) => new Bounds([x + dx * half - half, y + dy], [x + dx * half + half, y + dy + 18]));
      const box = boxes.find((one) => !taken.some((other) => other.overlaps(one)));
      if (said.has(name) || !box) continue;
      if (taken.push(box) % NAMES_A_FRAME === 0) yield name;
      said.add(name);
      context.strokeStyle = colour("land");
      context.fillStyle = colour("names");
      const { x: left } = box.getCenter();
      context.strokeText(name, left, box.min.y + 2);
      context.fillText(name, left, box.min.y + 2);
    }
  },
});
