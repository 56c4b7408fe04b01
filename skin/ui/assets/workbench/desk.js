// What lies on the annotator's desk: the task, its label, the tool in hand and what is looked at.
import { Brush } from "./brush.js";
import { Crosshair } from "./crosshair.js";
import { View, isInside } from "./geometry.js";
import { addRegion, emptyLabel, removeRegion, replaceRegion, toggleZone, zonesOf } from "./label.js";
import { Maps } from "./maps.js";
import { Mirror } from "./mirror.js";
import { Pointer } from "./pointer.js";
import { Stage } from "./stage.js";
import { Work } from "./work.js";

export class Desk {
  #preview = null;
  #listeners = [];

  constructor(words, root) {
    this.words = words;
    this.concerns = Object.keys(words.concerns);
    this.fields = ["skin_type", "monk", ...this.concerns, "quality_flags", "sure", "note"];
    this.view = new View();
    this.show = { zones: false, mirror: false, marks: true };
    this.tool = "select";
    this.work = new Work(emptyLabel());
    Object.assign(this, { task: null, picture: null, zones: null, field: "skin_type", concern: this.concerns[0] });
    Object.assign(this, { selected: null, live: null, cross: null, cursor: null });
    this.say = (text) => { root.querySelector("#said").textContent = text; };
    this.brush = new Brush(this);
    this.maps = new Maps(this);
    this.mirror = new Mirror(this, root.querySelector(".wb-mirror"));
    this.stage = new Stage(this, root.querySelector(".wb-face"));
    this.pointer = new Pointer(this, this.stage.marks);
    this.crosshair = new Crosshair(this);
  }

  get label() {
    return this.#preview ?? this.work.label;
  }

  // Called after everything that another part of the page may have to show.
  listen(listener) {
    this.#listeners.push(listener);
  }

  changed() {
    if (!this.label.regions.includes(this.selected)) this.selected = null;
    for (const listener of this.#listeners) listener();
    this.stage.redraw();
  }

  // A new view of the same things.
  viewed() {
    this.stage.redraw();
    this.onView?.();
  }

  lay(task, work) {
    this.maps.clear();
    if (this.brush.isDown) this.brush.cancel();
    this.crosshair.cancel();
    Object.assign(this, { task, work, picture: null, zones: null, selected: null, live: null, cursor: null });
    this.#preview = null;
    delete this.stage.root.dataset.shown;
    this.stage.draw();
    work.listen(() => this.work === work && this.changed());
  }

  setPicture(picture) {
    this.picture = picture;
    this.view.fit(this.view.width, this.view.height, picture.width);
    this.onView?.();
    this.stage.draw();
    this.stage.root.dataset.shown = "true";
  }

  chooseField(field) {
    this.field = field;
    if (field in this.words.concerns && field !== this.concern) {
      if (this.brush.isDown) this.brush.end();
      this.concern = field;
      this.selected = null;
      if (this.maps.shown) this.maps.show(this.maps.offers(field) ? field : null).catch(() => {});
    }
    this.changed();
  }

  chooseTool(tool) {
    this.crosshair.cancel();
    this.tool = tool;
    if (tool !== "select") this.selected = null;
    this.changed();
  }

  setCross(point) {
    this.cross = point;
    this.stage.redraw();
  }

  select(region) {
    this.selected = region;
    this.changed();
  }

  // While a mark is dragged it is shown where it would be; the label changes when it is let go.
  preview(label, selected) {
    this.#preview = label;
    this.selected = selected;
    this.stage.redraw();
  }

  change(next, what, options) {
    this.work.change(next, what, options);
    this.say(`${this.nameOf(this.concern)}: ${what}`);
  }

  add(region) {
    this.selected = this.tool === "select" ? region : null;
    this.change(addRegion(this.label, region), `${region.kind} added`);
  }

  replace(region, next, what, merge = null) {
    this.selected = next;
    this.change(replaceRegion(this.label, region, next), what, { merge });
  }

  remove(region = this.selected) {
    if (!region) return false;
    this.change(removeRegion(this.label, region), `${region.kind} removed`);
    return true;
  }

  selectNext() {
    const own = this.label.regions.filter((region) => region.concern === this.concern && region.kind !== "mask");
    if (!own.length) return this.say("No box or point to select here");
    this.chooseTool("select");
    this.select(own[(own.indexOf(this.selected) + 1) % own.length]);
    this.say(`${this.selected.kind} ${own.indexOf(this.selected) + 1} of ${own.length} selected`);
  }

  zonesNow() {
    return zonesOf(this.label, this.concern);
  }

  toggleZoneAt(point) {
    const zone = Object.keys(this.zones ?? {}).find((name) => isInside(point, this.zones[name]));
    if (zone) this.toggleZone(zone);
  }

  toggleZone(zone) {
    const isIn = !this.zonesNow().includes(zone);
    const words = `${this.words.zones[zone]} ${isIn ? "marked" : "not marked any more"}`;
    this.change(toggleZone(this.label, this.concern, zone), words, { field: this.concern });
  }

  nameOf(field) {
    return this.words.concerns[field]?.name ?? this.words.fields[field];
  }
}
