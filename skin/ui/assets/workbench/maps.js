// The machine's map of a concern as a layer, and as a mask where it is taken over.
import { loadPicture } from "./api.js";
import { Bitmap } from "./bitmap.js";
import { changedOrigin, maskOf, setMask } from "./label.js";
import { newLayer } from "./stage.js";

const INK = [72, 32, 240];
const STRONGEST = 0.75 * 255; // the opacity the server draws full strength with

export class Maps {
  #alphas = new Map();
  #wanted = null;

  constructor(desk) {
    this.desk = desk;
    this.opacity = 0.7;
    this.threshold = 0.5;
    this.clear();
  }

  // Another task: nothing of the last one stays.
  clear() {
    this.#alphas.clear();
    this.#wanted = null;
    this.layer = null;
    this.shown = null;
  }

  offers(concern) {
    return this.desk.task?.suggestion?.maps?.includes(concern) ?? false;
  }

  async show(concern) {
    this.#wanted = concern;
    this.layer = null;
    this.shown = null;
    if (concern) {
      const alpha = await this.#load(concern);
      if (this.#wanted !== concern) return;
      this.shown = concern;
      this.#draw(alpha);
    }
    this.desk.stage.redraw();
  }

  setThreshold(value) {
    this.threshold = value;
    if (this.shown) this.#draw(this.#alphas.get(this.shown));
    this.desk.stage.redraw();
  }

  // What of the map is at least as strong as the threshold becomes the concern's mask, beside what was painted already.
  accept() {
    const { desk, shown } = this;
    const side = desk.view.side;
    const alpha = this.#alphas.get(shown);
    const bitmap = new Bitmap(side, side);
    for (let y = 0, at = 0; y < side; y++) {
      for (let x = 0; x < side; x++, at++) if (alpha[at] >= this.threshold * STRONGEST) bitmap.bits[x * side + y] = 1;
    }
    const before = maskOf(desk.label, shown);
    if (before) bitmap.unite(Bitmap.decode(before.mask));
    const origin = before ? (before.origin === "annotator" ? "machine_changed" : changedOrigin(before.origin)) : "machine";
    const next = setMask(desk.label, shown, bitmap.encode(), origin);
    this.show(null);
    if (next === desk.label) return false;
    desk.change(next, "took the machine's map over");
    return true;
  }

  async #load(concern) {
    if (!this.#alphas.has(concern)) {
      const { task, view } = this.desk;
      const picture = await loadPicture(`/items/${task.item_id}/maps/${concern}`);
      const context = newLayer(view.side, view.side).getContext("2d", { willReadFrequently: true });
      context.drawImage(picture, 0, 0, view.side, view.side);
      const { data } = context.getImageData(0, 0, view.side, view.side);
      this.#alphas.set(concern, Uint8Array.from({ length: data.length / 4 }, (_, at) => data[4 * at + 3]));
    }
    return this.#alphas.get(concern);
  }

  // What would be taken over is plain, the rest of the map faint.
  #draw(alpha) {
    const side = this.desk.view.side;
    this.layer = newLayer(side, side);
    const context = this.layer.getContext("2d");
    const part = context.createImageData(side, side);
    const pixels = new Uint32Array(part.data.buffer);
    const ink = (INK[2] << 16) | (INK[1] << 8) | INK[0];
    const least = this.threshold * STRONGEST;
    for (let at = 0; at < alpha.length; at++) {
      const strength = alpha[at] >= least ? 90 + alpha[at] * 0.6 : alpha[at] * 0.35;
      if (alpha[at]) pixels[at] = (ink | (Math.round(strength) << 24)) >>> 0;
    }
    context.putImageData(part, 0, 0);
  }
}
