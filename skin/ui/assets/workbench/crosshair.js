// Marks without a mouse: a crosshair that the arrow keys move, set with one key.
import { boxBetween, clamp, hasArea, moved } from "./geometry.js";
import { changedOrigin } from "./label.js";
import { placePoint } from "./pointer.js";

const STEP_PX = 6; // of the screen
const FAR = 6;
const WAYS = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

export class Crosshair {
  #corner = null;

  constructor(desk) {
    this.desk = desk;
  }

  // True where a direction meant something here: the selected mark moves, or else the crosshair.
  go(way, isFar) {
    const { desk } = this;
    const step = Math.max(1, Math.round((STEP_PX * (isFar ? FAR : 1)) / desk.view.scale));
    const [dx, dy] = WAYS[way].map((one) => one * step);
    if (desk.tool === "select") return this.#moveSelected(dx, dy);
    const { side } = desk.view;
    const [x, y] = desk.cross ?? desk.cursor ?? desk.view.toFace([desk.view.width / 2, desk.view.height / 2]);
    const from = desk.cross ? [x, y] : [Math.round(x), Math.round(y)];
    const to = [clamp(from[0] + dx, 0, side), clamp(from[1] + dy, 0, side)];
    desk.setCross(to);
    desk.view.reveal(to);
    if (this.#corner) desk.live = this.#box(to);
    if (desk.brush.isDown) desk.brush.move(to);
    desk.viewed();
    return true;
  }

  // Sets a corner or a point, or puts the brush down and up; true where the crosshair is out.
  set() {
    const { desk } = this;
    const at = desk.cross;
    if (!at) return false;
    if (desk.tool === "point") placePoint(desk, at);
    else if (desk.tool === "brush" || desk.tool === "eraser") this.#paint(at);
    else this.#setCorner(at);
    return true;
  }

  // Leaves what was begun; true where something was.
  cancel() {
    const { desk } = this;
    const was = Boolean(desk.cross);
    if (desk.brush.isDown) desk.brush.end();
    this.#corner = null;
    desk.live = null;
    desk.setCross(null);
    return was;
  }

  #box(to) {
    const { concern, view } = this.desk;
    return { kind: "box", concern, xyxy_norm: boxBetween(this.#corner, to, view.side), origin: "annotator" };
  }

  #setCorner(at) {
    const { desk } = this;
    if (!this.#corner) {
      this.#corner = at;
      desk.say("First corner set: move to the opposite one and set it");
      return;
    }
    const box = this.#box(at);
    if (!hasArea(box.xyxy_norm)) return;
    this.cancel();
    desk.add(box);
  }

  #paint(at) {
    const { brush, tool, say } = this.desk;
    if (brush.isDown) return brush.end();
    brush.begin(at, { erase: tool === "eraser" });
    say("Brush down: the arrow keys paint");
  }

  #moveSelected(dx, dy) {
    const { desk } = this;
    const region = desk.selected;
    if (!region || region.kind === "mask") return false;
    const next = moved(region, dx / desk.view.side, dy / desk.view.side);
    desk.replace(region, { ...next, origin: changedOrigin(region.origin) }, "moved the mark", "move");
    return true;
  }
}
