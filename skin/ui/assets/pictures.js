// Pictures of a face wherever they are shown: the slider between two, one layer at a time, and what has been erased.
const figureOf = (part) => part.closest("figure");

document.addEventListener("input", (event) => {
  const { target } = event;
  if (target.matches?.("[data-wipe]")) target.closest(".wipe").style.setProperty("--split", `${target.value}%`);
  if (target.matches?.("[data-strength]")) figureOf(target).style.setProperty("--strength", target.value / 100);
});

// The layer of a pressed button lies over the face; the same button takes it off again.
function showLayer(figure, choice, told = "") {
  const isMap = Boolean(choice?.dataset.map);
  for (const button of figure.querySelectorAll("[data-layer]")) button.setAttribute("aria-pressed", String(button === choice));
  figure.querySelector(".pic-told").textContent = told;
  figure.querySelector(".pic-drawn").hidden = !choice || isMap;
  const map = figure.querySelector(".pic-map");
  if (!map) return;
  figure.querySelector(".pic-strength").hidden = map.hidden = !isMap;
  if (!isMap) return;
  map.src = choice.dataset.map;
  map.alt = choice.dataset.alt;
}
document.addEventListener("click", (event) => {
  const layer = event.target.closest?.("[data-layer]");
  if (layer) showLayer(figureOf(layer), layer.getAttribute("aria-pressed") === "true" ? null : layer);
  const whole = event.target.closest?.("[data-whole]");
  if (whole) whole.setAttribute("aria-pressed", String(figureOf(whole).classList.toggle("is-whole")));
  const way = event.target.closest?.("[data-way]");
  if (way) showWay(way);
});

// Two scans side by side, or one wiped over the other.
function showWay(chosen) {
  const compared = chosen.closest(".cmp-pictures");
  compared.classList.toggle("is-wiped", chosen.dataset.way === "wipe");
  for (const button of compared.querySelectorAll("[data-way]")) button.setAttribute("aria-pressed", String(button === chosen));
}

document.addEventListener("error", (event) => {
  const { target } = event;
  if (target.matches?.("img[data-may-be-erased]")) {
    figureOf(target).classList.add("is-erased");
    target.closest(".cmp-pictures")?.classList.add("is-missing-one");
  }
  if (target.matches?.("img.pic-map")) showLayer(figureOf(target), null, figureOf(target).dataset.gone);
}, true);
