// The page of snapshots: make one, download it, take labels in.
import { Trouble, api } from "./api.js";
import { make } from "./elements.js";

const get = (id) => document.getElementById(id);
const chooser = get("project");
const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;
const names = Object.fromEntries([...document.querySelectorAll("[name=kind]")].map((box) => [box.value, box.dataset.name.toLowerCase()]));

chooser.addEventListener("change", () => attempt(open));
get("make").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(makeSnapshot);
});
get("import").elements.file.addEventListener("change", () => attempt(takeIn));
attempt(start);

async function start() {
  const { projects } = await api.listProjects();
  get("none").hidden = projects.length > 0;
  get("exports").hidden = document.querySelector(".rv-bar").hidden = !projects.length;
  if (!projects.length) return;
  chooser.replaceChildren(...projects.map((one) => new Option(one.name, one.id)));
  const wanted = new URLSearchParams(location.search).get("project");
  if (projects.some((one) => one.id === wanted)) chooser.value = wanted;
  await open();
}

async function open() {
  history.replaceState(null, "", `?project=${chooser.value}`);
  get("made").textContent = get("taken").textContent = "";
  get("refused").replaceChildren();
  await list(chooser.value);
}

async function list(project) {
  const { snapshots } = await api.listSnapshots(project);
  if (project !== chooser.value) return;
  get("empty").hidden = snapshots.length > 0;
  get("list").replaceChildren(...snapshots.map((one) => describe(one, project)));
}

function describe(snapshot, project) {
  const row = get("snapshot").content.firstElementChild.cloneNode(true);
  const tell = (name, text) => { row.querySelector(`[data-${name}]`).textContent = text; };
  const { kinds, pictures, people } = snapshot.counts;
  row.querySelector("h3").textContent = `Snapshot ${snapshot.number}`;
  tell("when", new Date(snapshot.created_at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" }));
  tell("labels", Object.entries(kinds).map(([kind, number]) => `${number.toLocaleString("en-GB")} ${names[kind]}`).join(", ") || "none");
  tell("pictures", split(pictures));
  tell("people", split(people));
  tell("sum", snapshot.sha256);
  if (snapshot.erased_lines) {
    tell("erased", `${count(snapshot.erased_lines, "label has", "labels have")} left since, because a person was erased. SHA-256 of what is left: ${snapshot.sha256_left}`);
    row.querySelector("[data-erased]").hidden = false;
  }
  const button = row.querySelector("button");
  button.setAttribute("aria-label", `Download snapshot ${snapshot.number}`);
  row.querySelector("select").setAttribute("aria-label", `Format of snapshot ${snapshot.number}`);
  button.addEventListener("click", () => attempt(() => download(snapshot.id, row.querySelector("select").value, project)));
  return row;
}

function split(counts) {
  const parts = ["train", "validation", "test"].map((name) => `${(counts[name] ?? 0).toLocaleString("en-GB")} ${name}`);
  return parts.join(", ");
}

// Asking first says why it cannot be had; the browser would only save the refusal as a file.
async function download(id, format, project) {
  await api.listSnapshots(project);
  make("a", { href: `/api/annotation/snapshots/${id}/export?format=${format}`, download: true }).click();
}

async function makeSnapshot() {
  const form = get("make");
  const button = form.querySelector("button");
  const kinds = [...form.querySelectorAll(":checked")].map((box) => box.value);
  if (!kinds.length) {
    form.querySelector("input").focus();
    throw new Trouble("nothing_chosen", "Nothing goes into the snapshot: choose one kind of label or more.");
  }
  const project = chooser.value;
  get("made").textContent = "";
  get("making").hidden = false;
  button.disabled = true;
  try {
    const made = await api.makeSnapshot(project, { kinds });
    await list(project);
    if (project === chooser.value) get("made").textContent = `Snapshot ${made.number} is made: ${count(made.lines, "label")}.`;
  } finally {
    get("making").hidden = true;
    button.disabled = false;
  }
}

async function takeIn() {
  const { file, format } = get("import").elements;
  const [chosen] = file.files;
  if (!chosen) return;
  if (chosen.name.endsWith(".json")) format.value = "label_studio";
  if (chosen.name.endsWith(".jsonl")) format.value = "jsonl";
  const form = new FormData();
  form.append("file", chosen);
  const project = chooser.value;
  get("taken").textContent = `Reading ${chosen.name} …`;
  get("refused").replaceChildren();
  file.disabled = true;
  try {
    const { added, known, left, refused } = await api.importLabels(project, format.value, form);
    if (project !== chooser.value) return;
    const rest = left ? `, ${left} not people’s answers` : "";
    get("taken").textContent = `${chosen.name}: ${added} added, ${known} known already${rest}, ${refused.length} refused.`;
    get("refused").replaceChildren(...refused.map(({ where, why }) => make("li", {}, make("b", {}, `${where}: `), why)));
  } catch (problem) {
    get("taken").textContent = "";
    throw problem;
  } finally {
    file.disabled = false;
    file.value = "";
  }
}

// Runs something that may fail, and tells what went wrong in one sentence.
async function attempt(act) {
  get("trouble").hidden = true;
  try {
    await act();
  } catch (problem) {
    if (!(problem instanceof Trouble)) throw problem;
    get("trouble").textContent = problem.message;
    get("trouble").hidden = false;
    get("trouble").scrollIntoView({ block: "nearest" });
  }
}
