// The panel that follows the field in hand: the rule, what each grade means, zones, marks, the machine's map, examples.
import { gradeOf, zonesOf } from "./label.js";

const DARK_FROM = 7; // the Monk tone from which the examples are those on darker skin

export class Guide {
  #shown = null;

  constructor(desk, root, fields, run) {
    Object.assign(this, { desk, root, fields, run });
    root.addEventListener("click", (event) => this.#click(event));
    this.threshold = root.querySelector("[data-threshold]");
    this.opacity = root.querySelector("[data-opacity]");
    this.threshold.addEventListener("input", () => desk.maps.setThreshold(this.threshold.value / 100));
    this.opacity.addEventListener("input", () => { desk.maps.opacity = this.opacity.value / 100; desk.stage.redraw(); });
    desk.listen(() => this.show());
  }

  show() {
    const { desk, root } = this;
    const { field, words, label } = desk;
    for (const part of root.querySelectorAll("[data-about]")) part.hidden = part.dataset.about !== field;
    const isConcern = field in words.concerns;
    root.querySelector(".guide-concern").hidden = !isConcern;
    if (this.#shown !== field) root.scrollTop = 0;
    this.#shown = field;
    if (!isConcern) return;
    const grade = gradeOf(label, field);
    for (const row of root.querySelectorAll(`[data-about="${field}"] [data-grade]`)) {
      row.classList.toggle("is-chosen", Number(row.dataset.grade) === grade);
    }
    for (const chip of root.querySelectorAll("[data-zone]")) {
      chip.setAttribute("aria-pressed", String(zonesOf(label, field).includes(chip.dataset.zone)));
      chip.classList.toggle("is-rare", !words.concerns[field].zones.includes(chip.dataset.zone));
    }
    this.#showMarks();
    this.#showMap();
    this.#showExamples();
  }

  #showMarks() {
    const { desk } = this;
    const list = this.root.querySelector(".guide-marks ul");
    const own = desk.label.regions.filter((region) => region.concern === desk.field);
    this.root.querySelector(".guide-none").hidden = own.length > 0;
    list.replaceChildren(...own.map((region, index) => {
      const row = document.getElementById("mark-row").content.firstElementChild.cloneNode(true);
      const name = `${{ box: "Box", point: "Point", mask: "Mask" }[region.kind]} ${index + 1}`;
      const by = { annotator: "", machine: " (the machine's)", machine_changed: " (the machine's, changed)" }[region.origin];
      const [choose, remove] = row.querySelectorAll("button");
      choose.textContent = `${name}${by}`;
      choose.disabled = region.kind === "mask";
      choose.setAttribute("aria-pressed", String(region === desk.selected));
      remove.setAttribute("aria-label", `Remove ${name}`);
      choose.addEventListener("click", () => { desk.chooseTool("select"); desk.select(region); });
      remove.addEventListener("click", () => { desk.remove(region); this.fields.focus(desk.field); });
      return row;
    }));
  }

  #showMap() {
    const { maps, field } = this.desk;
    const box = this.root.querySelector(".guide-map");
    box.hidden = !maps.offers(field);
    const isShown = maps.shown === field;
    box.querySelector("[data-run=map]").setAttribute("aria-pressed", String(isShown));
    for (const part of box.querySelectorAll("[data-with-map]")) part.hidden = !isShown;
  }

  #showExamples() {
    const { field, label, words } = this.desk;
    const tone = (label.monk ?? 1) >= DARK_FROM ? "dark" : "light";
    const picture = this.root.querySelector(".guide-examples img");
    const source = `/annotate/assets/examples/${field}-${tone}.webp`;
    if (picture.getAttribute("src") !== source) picture.src = source;
    picture.alt = `${words.concerns[field].name} painted on a portrait in grades 0, 1, 2 and 3`;
  }

  #click(event) {
    const zone = event.target.closest("[data-zone]")?.dataset.zone;
    if (zone) this.desk.toggleZone(zone);
  }
}
