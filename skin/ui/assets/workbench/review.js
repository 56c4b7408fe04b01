// The review page: which project, which of the two views, and what went wrong.
import { Trouble, api } from "./api.js";
import { Adjudication } from "./adjudicate.js";
import { Panel } from "./panel.js";

const words = JSON.parse(document.getElementById("words").textContent);
const chooser = document.getElementById("project");
const trouble = document.getElementById("trouble");
const views = { agreement: new Panel(words, attempt), adjudicate: new Adjudication(words, attempt) };

chooser.addEventListener("change", () => show());
addEventListener("hashchange", () => show());
attempt(start);

async function start() {
  const { projects } = await api.listProjects();
  document.getElementById("none").hidden = projects.length > 0;
  document.querySelector(".rv-bar").hidden = !projects.length;
  if (!projects.length) return;
  chooser.replaceChildren(...projects.map((one) => new Option(one.name, one.id)));
  const wanted = new URLSearchParams(location.search).get("project");
  if (projects.some((one) => one.id === wanted)) chooser.value = wanted;
  show();
}

function show() {
  const name = location.hash === "#adjudicate" ? "adjudicate" : "agreement";
  for (const [other, view] of Object.entries(views)) view.root.hidden = other !== name;
  for (const link of document.querySelectorAll(".rv-bar a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  history.replaceState(null, "", `?project=${chooser.value}#${name}`);
  attempt(async () => {
    await views[name].open(chooser.value);
    if (name === "agreement") views.adjudicate.count(chooser.value);
  });
}

// Runs something that may fail, and tells what went wrong in one sentence.
async function attempt(act) {
  trouble.hidden = true;
  try {
    await act();
  } catch (problem) {
    if (!(problem instanceof Trouble)) throw problem;
    trouble.textContent = problem.message;
    trouble.hidden = false;
  }
}
