// The fields beside the face: what was said, what was not, and what is still the machine's word.
import {
  gradeOf, setGrade, setMonk, setMonkSecond, setNote, setOne, toggleFlag, zonesOf,
} from "./label.js";

const LATER = "skin.annotate.stay"; // kept where somebody does not want to be taken on after each grade
const MOVES_ON = (field, words) => field === "skin_type" || field === "sure" || field in words.concerns;

export class Fields {
  constructor(desk, root) {
    this.desk = desk;
    this.root = root;
    this.isSecond = false;
    this.movesOn = localStorage.getItem(LATER) === null;
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("focusin", (event) => {
      const field = event.target.closest("[data-field]")?.dataset.field;
      if (field && field !== desk.field) desk.chooseField(field);
    });
    for (const swatch of root.querySelectorAll("[data-swatch]")) swatch.style.setProperty("--swatch", swatch.dataset.swatch);
    this.note = root.querySelector("textarea");
    this.note.addEventListener("input", () => {
      desk.work.change(setNote(desk.label, this.note.value), "note", { field: "note", merge: "note" });
    });
    desk.listen(() => this.#show());
  }

  setMovesOn(movesOn) {
    this.movesOn = movesOn;
    if (movesOn) localStorage.removeItem(LATER);
    else localStorage.setItem(LATER, "1");
  }

  // `step` fields on, or back.
  go(step) {
    const { fields, field } = this.desk;
    this.focus(fields[Math.min(fields.length - 1, Math.max(0, fields.indexOf(field) + step))]);
  }

  focus(field) {
    const group = this.root.querySelector(`[data-field="${field}"]`);
    group.focus({ preventScroll: true });
    group.scrollIntoView({ block: "nearest" });
    if (this.desk.field !== field) this.desk.chooseField(field);
  }

  // A digit for the field in hand: a grade, a choice, a swatch, a flag; `second` is what Shift makes of it.
  press(digit, { second = false } = {}) {
    const { desk } = this;
    const number = digit === 0 && desk.field === "monk" ? 10 : digit;
    const values = this.#valuesOf(desk.field);
    if (second && desk.field in desk.words.concerns) {
      const zone = Object.keys(desk.words.zones)[digit - 1];
      if (zone) desk.toggleZone(zone);
      return;
    }
    const value = desk.field in desk.words.concerns || desk.field === "monk" ? number : values[number - 1];
    if (!values.includes(value)) return;
    this.choose(desk.field, value, { second });
    if (this.movesOn && MOVES_ON(desk.field, desk.words)) this.go(1);
  }

  choose(field, value, { second = false } = {}) {
    const { desk } = this;
    const { label } = desk;
    let next;
    if (field === "monk") next = second ? setMonkSecond(label, value) : setMonk(label, value);
    else if (field === "quality_flags") next = toggleFlag(label, value);
    else if (field in desk.words.concerns) next = setGrade(label, field, value);
    else next = setOne(label, field, value);
    desk.work.change(next, desk.nameOf(field), { field: second ? "monk_second" : field });
    desk.say(`${desk.nameOf(field)}: ${this.tell(field)}`);
  }

  // The value of a field in words.
  tell(field) {
    const { words, label } = this.desk;
    if (field === "monk") return `${label.monk ?? "none"}${label.monk_second ? `, second choice ${label.monk_second}` : ""}`;
    if (field === "quality_flags") return label.quality_flags.map((flag) => words.quality_flags[flag].name).join(", ") || "none";
    if (field in words.concerns) {
      const grade = gradeOf(label, field);
      return grade === null ? "not graded" : `${grade}, ${words.concerns[field].grades[grade]}`;
    }
    return words[field][label[field]]?.name ?? "none";
  }

  // The machine's value stays as it is, and is now this person's.
  confirm() {
    const { desk } = this;
    if (!desk.work.isMachines(desk.field)) return;
    desk.work.change(desk.label, desk.nameOf(desk.field), { field: desk.field });
    desk.say(`${desk.nameOf(desk.field)}: agreed, ${this.tell(desk.field)}`);
    this.go(1);
  }

  #valuesOf(field) {
    return [...this.root.querySelectorAll(`[data-field="${field}"] [data-value]`)].map(valueOf);
  }

  #click(event) {
    const button = event.target.closest("button");
    if (button?.matches("[data-second]")) return this.#setSecond(!this.isSecond);
    if (!button?.matches("[data-value]")) return;
    const group = button.closest("[data-field]");
    const { field } = group.dataset;
    if (field !== this.desk.field) this.desk.chooseField(field);
    this.choose(field, valueOf(button), { second: field === "monk" && (this.isSecond || event.shiftKey) });
    if (field === "monk") this.#setSecond(false);
    if (event.detail) group.focus({ preventScroll: true }); // so that Enter saves and does not press the button again
  }

  #setSecond(isSecond) {
    this.isSecond = isSecond;
    this.root.querySelector("[data-second]").setAttribute("aria-pressed", String(isSecond));
  }

  #show() {
    const { desk } = this;
    const { label, work } = desk;
    for (const group of this.root.querySelectorAll("[data-field]")) {
      const { field } = group.dataset;
      group.classList.toggle("is-chosen", field === desk.field);
      const machines = work.isMachines(field) && field !== "note";
      group.classList.toggle("is-machines", machines);
      group.querySelector(".field-machine")?.toggleAttribute("hidden", !machines);
      for (const button of group.querySelectorAll("[data-value]")) {
        button.setAttribute("aria-pressed", String(isIn(label, field, valueOf(button))));
      }
      this.#showExtras(group, field);
    }
    if (this.note.value !== label.note) this.note.value = label.note;
  }

  #showExtras(group, field) {
    const { label, words } = this.desk;
    if (field in words.concerns) {
      const marks = label.regions.filter((region) => region.concern === field).length;
      const zones = zonesOf(label, field).length;
      const parts = [zones && `${zones} zone${zones > 1 ? "s" : ""}`, marks && `${marks} mark${marks > 1 ? "s" : ""}`];
      group.querySelector(".field-more").textContent = parts.filter(Boolean).join(", ");
    }
    if (field === "monk") {
      for (const button of group.querySelectorAll("[data-value]")) {
        const isSecond = label.monk_second === valueOf(button);
        button.classList.toggle("is-second", isSecond);
        button.setAttribute("aria-label", `Monk ${button.dataset.value}${isSecond ? ", second choice" : ""}`);
      }
    }
  }
}

const valueOf = (button) => (/^\d+$/.test(button.dataset.value) ? Number(button.dataset.value) : button.dataset.value);

function isIn(label, field, value) {
  if (field === "quality_flags") return label.quality_flags.includes(value);
  if (field === "monk") return label.monk === value;
  return field in label ? label[field] === value : gradeOf(label, field) === value;
}
