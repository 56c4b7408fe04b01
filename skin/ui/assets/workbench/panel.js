// The agreement panel: tables with intervals, small plots, and the same as CSV.
import { api } from "./api.js";
import { download } from "./csv.js";
import { make, table } from "./elements.js";
import { plot } from "./plot.js";

const MEASURES = { alpha: "Alpha", kappa: "Kappa", fleiss: "Fleiss", icc: "ICC", exact: "Equal" };
const REASONS = {
  too_few_pictures: "fewer than 10 pictures",
  too_few_people: "fewer than 10 people",
  no_variation: "hardly any variation",
  nominal_field: "no order",
};
const NOUN = { annotator: "Annotator", pair: "Annotators", tone: "Monk", month: "Month", week: "Week of" };
const get = (id) => document.getElementById(id);
const count = (number) => number.toLocaleString("en-GB");

export class Panel {
  constructor(words, attempt) {
    this.root = get("agreement");
    this.words = words;
    for (const id of ["group", "measure", "field"]) get(id).addEventListener("change", () => this.draw());
    get("by").addEventListener("change", () => attempt(() => this.open(this.project)));
    get("csv").addEventListener("click", () => this.save());
    for (const field of this.fields()) get("field").append(new Option(this.name(field), field));
    get("field").value = "monk";
  }

  fields = () => ["skin_type", "monk", ...Object.keys(this.words.concerns)];
  name = (field) => this.words.concerns[field]?.name ?? this.words.fields[field];
  groupName = (group) => (this.found.by === "all" ? "Everybody" : `${NOUN[this.found.by]} ${group.group}`);

  async open(project) {
    this.project = project;
    this.root.setAttribute("aria-busy", "true");
    get("summary").textContent = "Computing …";
    try {
      this.found = await api.getAgreement(project, get("by").value);
    } finally {
      this.root.removeAttribute("aria-busy");
    }
    const { groups, pictures, answers, assisted_answers: assisted, annotators } = this.found;
    get("group").replaceChildren(...groups.map((one, place) => new Option(this.groupName(one), place)));
    get("group-label").hidden = this.found.by === "all" || !groups.length;
    get("summary").textContent = `${count(pictures)} pictures, ${count(answers)} answers (${count(assisted)} with a suggestion in sight), ${annotators.length} annotators.`;
    this.draw();
  }

  draw() {
    const { groups, by, raters, anchoring } = this.found;
    const group = groups[get("group").value || 0];
    get("fields").replaceChildren(group ? this.fieldsTable(group) : make("p", { class: "sk-muted" }, "No two annotators share 10 pictures here yet."));
    get("groups").hidden = by === "all" || !groups.length;
    get("groups-table").replaceChildren(this.groupsTable(groups));
    get("raters").hidden = !raters.length;
    get("raters-table").replaceChildren(this.ratersTable(raters));
    get("anchoring").hidden = !anchoring.some((one) => one.shown);
    get("anchoring-table").replaceChildren(this.anchoringTable(anchoring));
  }

  fieldsTable(group) {
    const measure = get("measure").value;
    const rows = group.fields.map((one) => [
      this.name(one.field), plot(one[measure]), ...Object.keys(MEASURES).map((key) => tell(one[key])),
      count(one.pictures), count(one.pairs_of_answers),
    ]);
    const form = group.fields.find((one) => one.icc_form)?.icc_form ?? "ICC";
    const heads = Object.entries(MEASURES).map(([key, name]) => (key === "icc" ? form : name));
    return table(["Field", `${MEASURES[measure]}, 0 to 1`, ...heads, "Pictures", "Pairs"], rows);
  }

  groupsTable(groups) {
    const [measure, field] = [get("measure").value, get("field").value];
    const rows = groups.map((group) => {
      const one = group.fields.find((other) => other.field === field);
      return [this.groupName(group), plot(one[measure]), tell(one[measure]), count(one.pictures), count(one.pairs_of_answers)];
    });
    return table(["Group", `${MEASURES[measure]}, 0 to 1`, this.name(field), "Pictures", "Pairs"], rows);
  }

  ratersTable(raters) {
    const of = (matches) => matches.find((one) => one.field === get("field").value);
    const rows = raters.map(({ annotator, repeats, gold, speed }) => [
      `Annotator ${annotator}`, tell(of(repeats).kappa), tell(of(repeats).exact), count(of(repeats).pictures),
      tell(of(gold).kappa), tell(of(gold).exact), tell(of(gold).within_one), tell(of(gold).bias), count(of(gold).pictures),
      tell(speed.median_seconds, 1), tell(speed.pictures_per_hour, 0), count(speed.answers),
    ]);
    return table(["Annotator", "Repeats: kappa", "Equal", "Pictures", "Gold: kappa", "Exact", "Within one", "Bias", "Pictures", "Median seconds", "Per hour", "Answers"], rows);
  }

  anchoringTable(anchoring) {
    const rows = anchoring.map((one) => [
      this.name(one.field), tell(one.equal_when_shown), count(one.shown), tell(one.equal_when_hidden), count(one.hidden), tell(one.difference),
    ]);
    return table(["Field", "Equal when shown", "Pictures", "Equal when hidden", "Pictures", "Difference"], rows);
  }

  save() {
    const lines = [["by", "group", "field", "measure", "value", "low", "high", "reason", "icc_form", "pictures", "people", "pairs_of_answers"]];
    for (const group of this.found.groups) {
      for (const one of group.fields) {
        for (const key of Object.keys(MEASURES)) {
          const { value, low, high, reason } = one[key];
          const form = key === "icc" ? one.icc_form : null;
          lines.push([this.found.by, group.group, one.field, key, value, low, high, reason, form, one.pictures, one.people, one.pairs_of_answers]);
        }
      }
    }
    download(lines, `agreement-${this.found.by}.csv`);
  }
}

// ".81 [.74, .87]", or why there is no number.
function tell(estimate, digits = 2) {
  if (estimate.value === null) return make("span", { class: "sk-muted sk-small" }, REASONS[estimate.reason]);
  const shown = (number) => number.toFixed(digits).replace("-", "−");
  const interval = make("span", { class: "rv-interval" }, ` [${shown(estimate.low)}, ${shown(estimate.high)}]`);
  return make("span", {}, make("b", {}, shown(estimate.value)), interval);
}
