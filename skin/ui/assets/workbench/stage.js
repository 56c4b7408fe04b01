// Draws the face, and over it what was marked: zones, the machine's map, masks, boxes, points and the crosshair.
import { Bitmap } from "./bitmap.js";
import { cornersOf, share } from "./geometry.js";

export const INK = [0, 190, 255]; // far from every skin's hue, on Monk 1 as on Monk 10
const HANDLE = 5;
const SMOOTH_BELOW = 3; // screen pixels for one of the face; from here on its pixels are shown as they are

export class Stage {
  #layers = new WeakMap();
  #waiting = 0;
  #drawn = null;

  constructor(desk, root) {
    this.desk = desk;
    this.root = root;
    [this.picture, this.marks] = root.querySelectorAll("canvas");
    this.light = { brightness: 1, contrast: 1 };
    new ResizeObserver(() => this.#resize()).observe(root);
    this.#resize();
  }

  redraw() {
    this.#waiting ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.#waiting);
    this.#waiting = 0;
    this.#drawPicture();
    const { desk } = this;
    const context = this.#start(this.marks);
    if (!desk.picture) return;
    if (desk.show.zones) this.#drawZones(context);
    if (desk.maps.layer) this.#drawLayer(context, desk.maps.layer, desk.maps.opacity);
    if (desk.show.marks) {
      for (const region of desk.label.regions) this.#drawRegion(context, region);
      if (desk.brush.canvas) this.#drawLayer(context, desk.brush.canvas, 1);
      if (desk.live) this.#drawRegion(context, desk.live);
    }
    this.#drawCrosshair(context);
    this.#drawBrushRing(context);
    desk.mirror.draw();
  }

  setLight({ brightness = 1, contrast = 1 }) {
    this.light = { brightness, contrast };
    this.picture.style.filter = brightness === 1 && contrast === 1 ? "" : `brightness(${brightness}) contrast(${contrast})`;
    this.desk.mirror.setFilter(this.picture.style.filter);
  }

  // The mask of a region as a picture; made once for each mask.
  layerOf(mask) {
    let canvas = this.#layers.get(mask);
    if (!canvas) {
      canvas = newLayer(mask.size_hw[1], mask.size_hw[0]);
      Bitmap.decode(mask).drawInto(canvas.getContext("2d"), INK);
      this.#layers.set(mask, canvas);
    }
    return canvas;
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.root;
    if (!width || !height) return;
    for (const canvas of [this.picture, this.marks]) {
      canvas.width = Math.round(width * devicePixelRatio);
      canvas.height = Math.round(height * devicePixelRatio);
    }
    this.#drawn = null; // a canvas is empty after it got a size
    this.desk.view.resize(width, height);
    this.draw();
  }

  #start(canvas) {
    const context = canvas.getContext("2d");
    const { view } = this.desk;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(devicePixelRatio * view.scale, 0, 0, devicePixelRatio * view.scale, devicePixelRatio * view.x, devicePixelRatio * view.y);
    context.imageSmoothingEnabled = devicePixelRatio * view.scale < SMOOTH_BELOW;
    context.imageSmoothingQuality = "high";
    return context;
  }

  // Scaling the face down is the slowest part of a frame, so it is done only where something about it changed.
  #drawPicture() {
    const { picture, view } = this.desk;
    const now = [picture, view.scale, view.x, view.y, this.picture.width, this.picture.height];
    if (this.#drawn?.every((one, at) => one === now[at])) return;
    this.#drawn = now;
    const context = this.#start(this.picture);
    if (picture) context.drawImage(picture, 0, 0);
  }

  #drawLayer(context, layer, opacity) {
    context.globalAlpha = opacity;
    context.drawImage(layer, 0, 0, this.desk.view.side, this.desk.view.side);
    context.globalAlpha = 1;
  }

  // A line that is seen on light and on dark skin: dark below, light above.
  #stroke(context, { strong = true, dash = [] } = {}) {
    const px = 1 / this.desk.view.scale;
    context.setLineDash(dash.map((length) => length * px));
    context.lineWidth = (strong ? 4 : 3) * px;
    context.strokeStyle = "rgb(0 0 0 / 55%)";
    context.stroke();
    context.lineWidth = (strong ? 2 : 1.2) * px;
    context.strokeStyle = strong ? `rgb(${INK.join(" ")})` : "rgb(255 255 255 / 80%)";
    context.stroke();
    context.setLineDash([]);
  }

  #drawZones(context) {
    const { desk } = this;
    const chosen = desk.zonesNow();
    for (const [zone, outline] of Object.entries(desk.zones ?? {})) {
      context.beginPath();
      for (const [x, y] of outline) context.lineTo(x * desk.view.side, y * desk.view.side);
      context.closePath();
      if (chosen.includes(zone)) {
        context.fillStyle = `rgb(${INK.join(" ")} / 14%)`;
        context.fill();
      }
      this.#stroke(context, { strong: chosen.includes(zone), dash: [4, 4] });
    }
  }

  #drawRegion(context, region) {
    const { desk } = this;
    const isCurrent = region.concern === desk.concern;
    context.globalAlpha = isCurrent ? 1 : 0.45;
    if (region.kind === "mask") {
      if (!(isCurrent && desk.brush.canvas)) this.#drawLayer(context, this.layerOf(region.mask), isCurrent ? 1 : 0.4);
    } else {
      (region.kind === "box" ? this.#drawBox : this.#drawPoint).call(this, context, region, isCurrent);
    }
    context.globalAlpha = 1;
  }

  #drawBox(context, region, isCurrent) {
    const { side, scale } = this.desk.view;
    const [left, top, right, bottom] = region.xyxy_norm.map((one) => one * side);
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    this.#stroke(context, { strong: isCurrent, dash: region === this.desk.live ? [6, 4] : [] });
    if (region !== this.desk.selected) return;
    for (const [x, y] of cornersOf([left, top, right, bottom])) {
      context.beginPath();
      context.rect(x - HANDLE / scale, y - HANDLE / scale, (2 * HANDLE) / scale, (2 * HANDLE) / scale);
      context.fillStyle = "#fff";
      context.fill();
      this.#stroke(context);
    }
  }

  #drawPoint(context, region, isCurrent) {
    const { side, scale } = this.desk.view;
    const [x, y] = region.xy_norm.map((one) => one * side);
    context.beginPath();
    context.arc(x, y, (region === this.desk.selected ? 9 : 6) / scale, 0, 7);
    context.moveTo(x - 2 / scale, y);
    context.lineTo(x + 2 / scale, y);
    this.#stroke(context, { strong: isCurrent });
  }

  #drawCrosshair(context) {
    const { cross, view } = this.desk;
    if (!cross) return;
    const [x, y] = cross;
    const reach = 18 / view.scale;
    const gap = 4 / view.scale;
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + dx * gap, y + dy * gap);
      context.lineTo(x + dx * reach, y + dy * reach);
    }
    this.#stroke(context);
  }

  #drawBrushRing(context) {
    const { tool, brush, cross, cursor, view } = this.desk;
    const at = cross ?? cursor;
    if (!at || (tool !== "brush" && tool !== "eraser")) return;
    context.beginPath();
    context.arc(at[0], at[1], brush.radius, 0, 7);
    this.#stroke(context, { strong: false, dash: tool === "eraser" ? [3, 3] : [] });
  }
}

export function newLayer(width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  return canvas;
}

export const toShares = ([x, y], side) => [share(x, side), share(y, side)];
