// The administrator's page: make, change, fill, watch and close projects.
import { Trouble, api } from "./api.js";
import { Upload } from "./upload.js";

const root = document.querySelector(".pj");
const one = root.querySelector(".pj-one");
const form = root.querySelector("form");
const heading = one.querySelector("h2");
const toggle = one.querySelector("[data-toggle]");
const PERCENT = new Set(["gold_rate", "repeat_rate"]);
let project = null;

const upload = new Upload(one, () => project.id, () => showProgress(project.id));
root.querySelector("[data-new]").addEventListener("click", () => attempt(() => show(null)));
toggle.addEventListener("click", () => attempt(async () => {
  await api.changeProject(project.id, { is_open: !project.is_open });
  await open(project.id);
}));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(save);
});
root.querySelector(".pj-list ul").addEventListener("click", (event) => {
  const id = event.target.closest("a")?.dataset.id;
  if (!id) return;
  event.preventDefault();
  attempt(() => open(id));
});
attempt(() => open(new URLSearchParams(location.search).get("project")));

async function open(id) {
  const { projects } = await api.listProjects();
  const chosen = projects.find((other) => other.id === id) ?? projects[0] ?? null;
  list(projects, chosen);
  await show(chosen);
}

function list(projects, chosen) {
  root.querySelector("[data-none]").hidden = projects.length > 0;
  root.querySelector(".pj-list ul").replaceChildren(...projects.map((each) => {
    const row = document.getElementById("pj-row").content.firstElementChild.cloneNode(true);
    const way = row.querySelector("a");
    way.href = `/annotate/projects?project=${each.id}`;
    way.dataset.id = each.id;
    if (each.id === chosen?.id) way.setAttribute("aria-current", "page");
    row.querySelector("strong").textContent = each.name;
    row.querySelector("span").textContent = `${each.is_open ? "Open" : "Closed"}, ${each.mode}`;
    return row;
  }));
}

// The project's page, or an empty form for a new one.
async function show(next) {
  const isAnother = next?.id !== project?.id || !next;
  project = next;
  one.hidden = false;
  one.querySelector(".pj-existing").hidden = toggle.hidden = !project;
  heading.textContent = project?.name ?? "A new project";
  const state = one.querySelector(".pj-state");
  state.hidden = !project;
  state.textContent = project?.is_open ? "Open" : "Closed";
  state.classList.toggle("is-closed", !project?.is_open);
  toggle.textContent = project?.is_open ? "Close the project" : "Open it again";
  form.querySelector("[data-save]").textContent = project ? "Save the settings" : "Make the project";
  form.querySelector("[data-saved]").textContent = "";
  fill();
  if (isAnother) {
    upload.clear();
    heading.focus();
  }
  if (!project) {
    for (const way of root.querySelectorAll(".pj-list [aria-current]")) way.removeAttribute("aria-current");
    return;
  }
  history.replaceState(null, "", `/annotate/projects?project=${project.id}`);
  one.querySelector("[data-open]").href = `/annotate?project=${project.id}`;
  one.querySelector("[data-review]").href = `/annotate/review?project=${project.id}`;
  one.querySelector("[data-exports]").href = `/annotate/exports?project=${project.id}`;
  await showProgress(project.id);
}

function fill() {
  form.reset();
  if (!project) return;
  for (const [name, value] of Object.entries({ ...project, ...project.rules })) {
    const field = form.elements[name];
    if (!field) continue;
    if (field.type === "checkbox") field.checked = value;
    else field.value = PERCENT.has(name) ? Math.round(value * 1e4) / 100 : value;
  }
}

function read() {
  const values = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.type === "checkbox") values[field.name] = field.checked;
    else if (field.type === "number") values[field.name] = Number(field.value) / (PERCENT.has(field.name) ? 100 : 1);
    else values[field.name] = field.value.trim();
  }
  return values;
}

async function save() {
  const values = read();
  const { id } = project ? await api.changeProject(project.id, values) : await api.createProject(values);
  await open(id);
  form.querySelector("[data-saved]").textContent = "Saved";
}

async function showProgress(id) {
  const [progress, { annotators }] = await Promise.all([api.getProgress(id), api.listAnnotators(id)]);
  if (project?.id !== id) return;
  const { items, wanted, submitted, leased } = progress;
  one.querySelector("[data-progress]").textContent =
    `${items} picture${items === 1 ? "" : "s"}, ${submitted} of ${wanted} answers given, ${leased} being worked on`;
  Object.assign(one.querySelector("meter"), { max: Math.max(1, wanted), value: submitted });
  one.querySelector(".pj-table").hidden = !annotators.length;
  one.querySelector("[data-nobody]").hidden = annotators.length > 0;
  one.querySelector("tbody").replaceChildren(...annotators.map((each) => {
    const row = document.createElement("tr");
    const median = each.seconds_median === null ? "" : `${Math.round(each.seconds_median)} s`;
    row.append(...[each.name, each.submitted, each.skipped, median].map((text) => {
      const cell = document.createElement("td");
      cell.textContent = text;
      return cell;
    }));
    return row;
  }));
}

async function attempt(action) {
  const place = one.querySelector("#trouble");
  place.hidden = true;
  try {
    await action();
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    one.hidden = false;
    place.textContent = trouble.message;
    place.hidden = false;
  }
}
