// Disagreements one after another: all answers side by side, a choice per field, one key to save and go on.
import { api } from "./api.js";
import { make } from "./elements.js";
import { EXTRA, buildLabel, differs, valueOf } from "./final.js";
import { comboOf } from "./keys.js";
import { drawMarks } from "./marks.js";

const get = (id) => document.getElementById(id);
const WRITES = "input, textarea, select";

export class Adjudication {
  constructor(words, attempt) {
    this.root = get("adjudicate");
    this.words = words;
    this.concerns = Object.keys(words.concerns);
    this.parts = ["skin_type", "monk", ...this.concerns, ...EXTRA];
    this.attempt = attempt;
    this.done = []; // pictures decided here, the latest last
    this.put = new Set(); // left for later
    this.showsAll = false;
    this.picture = this.root.querySelector("img");
    this.marks = this.root.querySelector("svg");
    this.actions = { save: () => this.save(), later: () => this.later(), undo: () => this.undo(), all: () => this.toggle() };
    get("steps").addEventListener("change", () => attempt(() => this.open(this.project)));
    this.root.addEventListener("click", (event) => {
      const act = event.target.closest("[data-do]")?.dataset.do;
      if (act) this.run(this.actions[act]);
    });
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  async open(project) {
    if (project !== this.project) Object.assign(this, { project, done: [], put: new Set() });
    await this.next();
  }

  async count(project) {
    const { open } = await api.listDisagreements(project, get("steps").value, 1);
    this.tellLeft(open);
  }

  tellLeft(open) {
    get("open").textContent = open ? open.toLocaleString("en-GB") : "";
    get("left").textContent = `${open.toLocaleString("en-GB")} to decide`;
  }

  run(act) {
    if (this.isBusy || this.root.hidden) return;
    this.isBusy = true;
    this.attempt(act).finally(() => { this.isBusy = false; });
  }

  // Those left for later come again when nothing else is left.
  async next() {
    const { open, items } = await api.listDisagreements(this.project, get("steps").value, Math.min(500, this.put.size + 1));
    this.tellLeft(open);
    const item = items.find((one) => !this.put.has(one.item_id)) ?? items[0];
    if (!items.some((one) => !this.put.has(one.item_id))) this.put.clear();
    get("desk").hidden = !item;
    get("settled").hidden = Boolean(item);
    for (const button of this.root.querySelectorAll('[data-do="undo"]')) button.disabled = !this.done.length;
    if (item) await this.show(item.item_id);
    else get("settled").querySelector("h2").focus();
  }

  async show(item) {
    const found = await api.getAnswers(item);
    this.item = item;
    this.answers = found.answers;
    this.differing = new Set(this.parts.filter((part) => differs(found.answers, part)));
    this.choices = {};
    for (const part of this.parts) if (!this.differing.has(part)) this.choices[part] = { answer: 0 };
    if (this.picture.getAttribute("src") !== found.picture_url) this.picture.src = found.picture_url;
    drawMarks(this.marks, found.answers);
    this.draw();
    this.rows()[0]?.focus();
    get("said").textContent = `${this.differing.size} fields differ.`;
  }

  draw() {
    const heads = ["Field", ...this.answers.map((one) => one.annotator), "Another"];
    const head = make("div", { class: "aj-row is-head", "aria-hidden": "true" }, ...heads.map((one) => make("span", {}, one)));
    const shown = this.parts.filter((part) => this.showsAll || this.differing.has(part));
    get("answers").style.setProperty("--answers", this.answers.length);
    get("answers").replaceChildren(head, ...shown.map((part) => this.rowOf(part)));
  }

  rowOf(part) {
    const row = make("div", { class: `aj-row${this.differing.has(part) ? " is-differing" : ""}`, role: "group", tabindex: "-1", "data-part": part, "aria-labelledby": `part-${part}` });
    row.append(make("span", { id: `part-${part}`, class: "aj-name" }, this.nameOf(part)));
    this.answers.forEach((answer, place) => {
      const words = this.say(part, valueOf(answer.label, part));
      const zones = answer.label.concerns[part]?.zones ?? [];
      const where = zones.map((zone) => this.words.zones[zone]).join(", ");
      const button = make("button", { type: "button", "aria-label": `${answer.annotator}: ${words}${where && `, in ${where}`}`, title: where || null }, words);
      button.addEventListener("click", () => this.choose(part, { answer: place }));
      row.append(button);
    });
    row.append(EXTRA.includes(part) ? make("span") : this.selectOf(part));
    this.mark(row, part);
    return row;
  }

  selectOf(part) {
    const select = make("select", { "aria-label": `${this.nameOf(part)}: another value` }, new Option("…", ""));
    for (const value of this.valuesOf(part)) select.append(new Option(this.say(part, value), JSON.stringify(value)));
    select.addEventListener("change", () => select.value && this.choose(part, { value: JSON.parse(select.value) }));
    return select;
  }

  choose(part, choice) {
    this.choices[part] = choice;
    const row = get("answers").querySelector(`[data-part="${part}"]`);
    this.mark(row, part);
    const value = choice.answer === undefined ? choice.value : valueOf(this.answers[choice.answer].label, part);
    get("said").textContent = `${this.nameOf(part)}: ${this.say(part, value)}`;
  }

  mark(row, part) {
    const choice = this.choices[part];
    const agreed = !this.differing.has(part) && choice?.answer === 0;
    row.querySelectorAll("button").forEach((button, place) => button.setAttribute("aria-pressed", Boolean(agreed || choice?.answer === place)));
    row.classList.toggle("is-open", !choice);
    const select = row.querySelector("select");
    if (select) select.value = choice?.value === undefined ? "" : JSON.stringify(choice.value);
  }

  async save() {
    const open = this.parts.filter((part) => !this.choices[part]);
    if (open.length) {
      get("answers").querySelector(`[data-part="${open[0]}"]`).focus();
      get("said").textContent = `Still to decide: ${open.map((part) => this.nameOf(part)).join(", ")}.`;
      return;
    }
    await api.decide(this.item, buildLabel(this.answers, this.concerns, this.choices));
    this.done.push(this.item);
    await this.next();
  }

  async later() {
    this.put.add(this.item);
    await this.next();
  }

  async undo() {
    if (!this.done.length) return;
    const item = this.done.at(-1);
    await api.undo(item);
    this.done.pop();
    await this.next();
    if (this.item !== item) await this.show(item);
    get("said").textContent = "The last decision is taken back.";
  }

  toggle() {
    this.showsAll = !this.showsAll;
    this.root.querySelector('[data-do="all"]').setAttribute("aria-pressed", this.showsAll);
    this.draw();
    this.rows()[0]?.focus();
  }

  rows = () => [...get("answers").querySelectorAll("[data-part]")];

  onKey(event) {
    if (this.root.hidden || document.querySelector("dialog[open]")) return;
    const combo = comboOf(event);
    const row = document.activeElement?.closest("[data-part]");
    if (event.target.matches?.(WRITES)) {
      if ((combo === "Escape" || combo === "Enter") && row) { event.preventDefault(); row.focus(); }
      return;
    }
    if (combo === "Enter" && event.target.closest?.("button, a")) return;
    const acts = {
      ArrowDown: () => this.move(row, 1), ArrowUp: () => this.move(row, -1),
      ArrowRight: () => this.turn(row, 1), ArrowLeft: () => this.turn(row, -1),
      o: () => row?.querySelector("select")?.focus(),
      Enter: () => this.run(this.actions.save), n: () => this.run(this.actions.later),
      z: () => this.run(this.actions.undo), a: () => this.run(async () => this.toggle()),
    };
    if (!acts[combo] || (get("desk").hidden && combo !== "z")) return;
    event.preventDefault();
    acts[combo]();
  }

  move(row, by) {
    const rows = this.rows();
    rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(row) + by))]?.focus();
  }

  // Left and right go through the answers of a field; from nothing chosen, left is the first and right the last.
  turn(row, by) {
    if (!row) return;
    const last = this.answers.length - 1;
    const now = this.choices[row.dataset.part]?.answer;
    const next = now === undefined ? (by > 0 ? last : 0) : Math.max(0, Math.min(last, now + by));
    this.choose(row.dataset.part, { answer: next });
  }

  nameOf = (part) => ({ ...this.words.fields, regions: "Marks" })[part] ?? this.words.concerns[part].name;

  valuesOf(part) {
    if (part === "skin_type") return Object.keys(this.words.skin_type);
    if (part === "monk") return this.words.monk.swatches.map((_, place) => place + 1);
    return this.words.concerns[part].grades.map((_, grade) => grade);
  }

  say(part, value) {
    if (value === null) return "not graded";
    if (part === "skin_type") return this.words.skin_type[value].name;
    if (part === "monk") return `Monk ${value}`;
    if (part === "regions") return value.length === 1 ? "1 mark" : `${value.length} marks`;
    if (part === "quality_flags") return value.map((flag) => this.words.quality_flags[flag].name).join(", ") || "usable";
    return `${value} ${this.words.concerns[part].grades[value].split(":")[0]}`;
  }
}
