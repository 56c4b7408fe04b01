// The place under the cursor beside the same place on the other side of the face, turned round so that they look alike.
import { middleOf } from "./geometry.js";

export class Mirror {
  constructor(desk, root) {
    this.desk = desk;
    this.root = root;
    [this.here, this.there] = root.querySelectorAll("canvas");
  }

  setFilter(filter) {
    this.here.style.filter = this.there.style.filter = filter;
  }

  draw() {
    const { desk } = this;
    this.root.hidden = !(desk.show.mirror && desk.picture);
    if (this.root.hidden) return;
    const [x, y] = this.#place();
    const { side, scale } = desk.view;
    const [sx, sy] = desk.view.toScreen([x, y]);
    this.root.classList.toggle("is-left", sx > desk.view.width / 2 && sy > desk.view.height / 2); // never over the place itself
    const seen = Math.min(side / 3, Math.max(24, 150 / Math.max(scale, 1)));
    this.#drawOne(this.here, x, y, seen, false);
    this.#drawOne(this.there, side - x, y, seen, true);
  }

  // Where the cursor is, or the middle of the first zone the concern is judged in.
  #place() {
    const { desk } = this;
    if (desk.cross ?? desk.cursor) return desk.cross ?? desk.cursor;
    const zone = desk.zonesNow()[0] ?? desk.words.concerns[desk.concern]?.zones.find((one) => one.endsWith("_left"));
    const [x, y] = desk.zones?.[zone] ? middleOf(desk.zones[zone]) : [0.66, 0.58];
    return [x * desk.view.side, y * desk.view.side];
  }

  #drawOne(canvas, x, y, seen, isTurned) {
    const size = Math.round(canvas.clientWidth * devicePixelRatio);
    if (canvas.width !== size) canvas.width = canvas.height = size;
    const context = canvas.getContext("2d");
    const zoom = size / seen;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, size, size);
    context.setTransform(isTurned ? -zoom : zoom, 0, 0, zoom, size / 2 + (isTurned ? x : -x) * zoom, size / 2 - y * zoom);
    context.imageSmoothingEnabled = zoom < 3;
    context.drawImage(this.desk.picture, 0, 0);
    context.setTransform(1, 0, 0, 1, size / 2, size / 2);
    context.strokeStyle = "rgb(0 190 255 / 90%)";
    context.lineWidth = devicePixelRatio;
    context.strokeRect(-4 * devicePixelRatio, -4 * devicePixelRatio, 8 * devicePixelRatio, 8 * devicePixelRatio);
  }
}
