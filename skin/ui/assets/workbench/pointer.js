// Mouse, pen and fingers on the face: one draws with the tool in hand, two move and zoom.
import { boxBetween, cornersOf, hasArea, isInside, moved, reshaped } from "./geometry.js";
import { changedOrigin, replaceRegion } from "./label.js";
import { toShares } from "./stage.js";

const NEAR_PX = 12;

export class Pointer {
  #down = new Map();
  #drag = null;
  #pinch = null;
  #hasPen = false;

  constructor(desk, canvas) {
    this.desk = desk;
    this.canvas = canvas;
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, (event) => this.#end(event));
    canvas.addEventListener("pointerleave", () => { desk.cursor = null; desk.stage.redraw(); });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  #at(event) {
    const frame = this.canvas.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  }

  #begin(event) {
    const { desk } = this;
    if (!desk.picture) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#hasPen ||= event.pointerType === "pen";
    const at = this.#at(event);
    this.#down.set(event.pointerId, at);
    if (this.#down.size === 2) return this.#beginPinch();
    if (this.#down.size > 2) return;
    desk.setCross(null);
    const isPalm = this.#hasPen && event.pointerType === "touch";
    const pans = event.button === 1 || event.button === 2 || isPalm;
    this.#drag = pans ? panning(desk, at) : this.#take(desk.view.toFace(at), at);
    desk.cursor = desk.view.toFace(at);
    desk.stage.redraw();
  }

  #move(event) {
    const { desk } = this;
    const at = this.#at(event);
    if (this.#down.has(event.pointerId)) this.#down.set(event.pointerId, at);
    if (this.#pinch) return this.#movePinch();
    const steps = this.#drag?.isPainting ? event.getCoalescedEvents?.() ?? [] : [];
    for (const step of steps.length ? steps : [event]) this.#drag?.move(desk.view.toFace(this.#at(step)), this.#at(step));
    desk.cursor = desk.view.toFace(at);
    desk.stage.redraw();
  }

  #end(event) {
    if (!this.#down.delete(event.pointerId)) return;
    if (this.#pinch) {
      if (this.#down.size < 2) this.#pinch = null;
      return;
    }
    const drag = this.#drag;
    this.#drag = null;
    if (event.type === "pointercancel") drag?.cancel?.();
    else drag?.end?.();
    if (event.pointerType === "touch") this.desk.cursor = null;
    this.desk.stage.redraw();
  }

  #wheel(event) {
    event.preventDefault();
    if (event.shiftKey) this.desk.view.pan(-(event.deltaX || event.deltaY), 0);
    else this.desk.view.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0018)), this.#at(event));
    this.desk.viewed();
  }

  #beginPinch() {
    this.#drag?.cancel?.();
    this.#drag = null;
    this.#pinch = spread([...this.#down.values()]);
  }

  #movePinch() {
    const now = spread([...this.#down.values()].slice(0, 2));
    const { view } = this.desk;
    view.pan(now.middle[0] - this.#pinch.middle[0], now.middle[1] - this.#pinch.middle[1]);
    view.zoom(now.distance / this.#pinch.distance, now.middle);
    this.#pinch = now;
    this.desk.viewed();
  }

  // What a drag from here does with the tool in hand.
  #take(point, at) {
    const { desk } = this;
    switch (desk.tool) {
      case "box": return drawing(desk, point);
      case "point": return { move() {}, end: () => placePoint(desk, point) };
      case "brush":
      case "eraser": {
        desk.brush.begin(point, { erase: desk.tool === "eraser" });
        const { brush } = desk;
        return { isPainting: true, move: (next) => brush.move(next), end: () => brush.end(), cancel: () => brush.cancel() };
      }
      default: return this.#grab(point) ?? choosing(desk, point, at);
    }
  }

  #grab(point) {
    const { desk } = this;
    const near = NEAR_PX / desk.view.scale / desk.view.side;
    const [x, y] = toShares(point, desk.view.side);
    const isNear = ([px, py]) => Math.hypot(px - x, py - y) < near;
    if (desk.selected?.kind === "box") {
      const corner = cornersOf(desk.selected.xyxy_norm).findIndex(isNear);
      if (corner >= 0) return dragging(desk, desk.selected, point, (region, to) => reshaped(region, corner, to));
    }
    const hit = [...desk.label.regions].reverse().find((region) => {
      if (region.kind === "point") return isNear(region.xy_norm);
      return region.kind === "box" && isInside([x, y], cornersOf(region.xyxy_norm));
    });
    if (!hit) return null;
    desk.select(hit);
    return dragging(desk, hit, point, (region, to, from) => moved(region, to[0] - from[0], to[1] - from[1]));
  }
}

function spread([a, b]) {
  return { middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], distance: Math.hypot(a[0] - b[0], a[1] - b[1]) || 1 };
}

function panning(desk, from) {
  let last = from;
  return {
    move(_, at) {
      desk.view.pan(at[0] - last[0], at[1] - last[1]);
      last = at;
      desk.viewed();
    },
  };
}

// A press on bare skin: a drag looks elsewhere, a click leaves the selection or marks the zone below it.
function choosing(desk, point, from) {
  const pan = panning(desk, from);
  let isClick = true;
  return {
    move(next, at) {
      isClick &&= Math.hypot(at[0] - from[0], at[1] - from[1]) < 4;
      if (!isClick) pan.move(next, at);
    },
    end() {
      if (!isClick) return;
      if (desk.selected) desk.select(null);
      else if (desk.show.zones) desk.toggleZoneAt(toShares(point, desk.view.side));
    },
  };
}

function drawing(desk, from) {
  return {
    move(to) {
      desk.live = { kind: "box", concern: desk.concern, xyxy_norm: boxBetween(from, to, desk.view.side), origin: "annotator" };
    },
    end() {
      const box = desk.live;
      desk.live = null;
      if (box && hasArea(box.xyxy_norm)) desk.add(box);
    },
    cancel() {
      desk.live = null;
    },
  };
}

function dragging(desk, region, point, reshape) {
  const from = toShares(point, desk.view.side);
  let now = region;
  const before = desk.label;
  return {
    move(to) {
      now = reshape(region, toShares(to, desk.view.side), from);
      if (now !== region) now = { ...now, origin: changedOrigin(region.origin) };
      desk.preview(replaceRegion(before, region, now), now);
    },
    end() {
      desk.preview(null, region);
      if (now !== region) desk.replace(region, now, "moved the mark");
    },
    cancel() {
      desk.preview(null, region);
    },
  };
}

export function placePoint(desk, point) {
  desk.add({ kind: "point", concern: desk.concern, xy_norm: toShares(point, desk.view.side), origin: "annotator" });
}
