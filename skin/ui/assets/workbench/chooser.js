// The projects one can work on.
import { api } from "./api.js";

export function showProjects(projects, root) {
  root.querySelector("[data-none]").hidden = projects.length > 0;
  root.querySelector("ul").replaceChildren(...projects.map((project) => {
    const row = document.getElementById("project-row").content.firstElementChild.cloneNode(true);
    row.querySelector("h2").textContent = project.name;
    row.querySelector("[data-mode]").textContent = project.mode === "assisted" ? "With the machine's suggestion" : "Without the machine";
    const way = row.querySelector("a");
    way.href = `/annotate?project=${project.id}`;
    way.setAttribute("aria-label", `Start with ${project.name}`);
    way.hidden = !project.is_open;
    row.querySelector("[data-paused]").hidden = project.is_open;
    api.getProgress(project.id).then(({ items, wanted, submitted, mine }) => {
      row.querySelector("[data-progress]").textContent =
        `${items} picture${items === 1 ? "" : "s"}, ${submitted} of ${wanted} answers given, ${mine.submitted} by you`;
    }).catch(() => {});
    return row;
  }));
}
