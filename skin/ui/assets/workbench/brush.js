// Paints and erases the mask of one concern; a stroke becomes one change when it ends.
import { Bitmap } from "./bitmap.js";
import { clamp } from "./geometry.js";
import { changedOrigin, maskOf, setMask } from "./label.js";
import { INK, newLayer } from "./stage.js";

export class Brush {
  #bitmap = null;
  #last = null;
  #value = 1;

  constructor(desk) {
    this.desk = desk;
    this.radius = 14;
    this.canvas = null; // what is being painted, in place of the mask it began from
  }

  resize(factor) {
    this.radius = clamp(Math.round(this.radius * factor * 2) / 2, 1, 160);
  }

  get isDown() {
    return this.#last !== null;
  }

  begin(point, { erase = false } = {}) {
    const { desk } = this;
    const mask = maskOf(desk.label, desk.concern)?.mask;
    this.#bitmap = mask ? Bitmap.decode(mask) : new Bitmap(desk.view.side, desk.view.side);
    this.canvas = newLayer(this.#bitmap.width, this.#bitmap.height);
    if (mask) this.canvas.getContext("2d").drawImage(desk.stage.layerOf(mask), 0, 0);
    this.#value = erase ? 0 : 1;
    this.#last = point;
    this.move(point);
  }

  move(point) {
    const changed = this.#bitmap.sweep(this.#last, point, this.radius, this.#value);
    this.#last = point;
    if (changed) this.#bitmap.drawInto(this.canvas.getContext("2d"), INK, changed);
    this.desk.stage.redraw();
  }

  end() {
    const { desk } = this;
    const before = maskOf(desk.label, desk.concern);
    const mask = this.#bitmap.encode();
    const origin = before ? changedOrigin(before.origin) : "annotator";
    this.cancel();
    const isSame = JSON.stringify(mask.counts) === JSON.stringify(before?.mask.counts ?? [mask.size_hw[0] * mask.size_hw[1]]);
    if (isSame) return;
    desk.change(setMask(desk.label, desk.concern, mask, origin), this.#value ? "painted" : "erased");
  }

  cancel() {
    this.canvas = null;
    this.#last = null;
    this.desk.stage.redraw();
  }
}
