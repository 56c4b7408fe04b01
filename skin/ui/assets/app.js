// For the whole page: local times, erased photos, and a sign-in that lives as long as the page is looked at.
const localise = () => {
  for (const time of document.querySelectorAll("time[data-local]")) {
    time.textContent = new Date(time.dateTime).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    time.removeAttribute("data-local");
  }
};
new MutationObserver(localise).observe(document.documentElement, { childList: true, subtree: true });

// The picture of a result shows the face first; the whole photo is a click away.
function showFace(img) {
  const [left, top, right, bottom] = img.dataset.face.split(" ").map(Number);
  const shape = img.naturalHeight / img.naturalWidth;
  const width = Math.min(1, Math.max(2.25 * (right - left), (1.45 * (bottom - top) * shape * 4) / 5), (shape * 4) / 5);
  const height = (width * 5) / 4 / shape;
  const x = Math.min(1 - width, Math.max(0, (left + right - width) / 2));
  const y = Math.min(1 - height, Math.max(0, (top + bottom - height) / 2 - 0.04 * height));
  const frame = img.closest(".res-frame");
  frame.style.cssText = `--zoom: ${1 / width}; --left: ${-100 * x}%; --top: ${-100 * y}%`;
  frame.classList.add("is-close");
}
document.addEventListener("load", (event) => {
  if (event.target.matches?.("img[data-face]")) showFace(event.target);
}, true);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-whole]");
  if (!button) return;
  const close = button.closest("figure").querySelector(".res-frame").classList.toggle("is-close");
  button.setAttribute("aria-pressed", String(!close));
});
document.addEventListener("error", (event) => {
  if (event.target.matches?.("img[data-may-be-erased]")) event.target.closest("figure").classList.add("is-erased");
  if (event.target.matches?.("img.res-map")) showMap(event.target.closest("figure"), null, "This map is not kept any more.");
}, true);

// The map of one concern at a time lies over the photo; the same button takes it off again.
function showMap(figure, choice, told = "") {
  const map = figure.querySelector(".res-map");
  for (const button of figure.querySelectorAll("[data-map]")) button.setAttribute("aria-pressed", String(button === choice));
  figure.querySelector(".map-strength").hidden = map.hidden = !choice;
  figure.querySelector(".map-told").textContent = told;
  if (!choice) return;
  map.src = choice.dataset.map;
  map.alt = `Where it was seen: ${choice.textContent}`;
}
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-map]");
  if (button) showMap(button.closest("figure"), button.getAttribute("aria-pressed") === "true" ? null : button);
});
document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-map-strength]")) return;
  event.target.closest("figure").querySelector(".res-map").style.setProperty("--strength", event.target.value / 100);
});

async function stay() {
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch("/session", { cache: "no-store" });
    if (answer.status === 401) location.assign("/signin");
  } catch { /* offline: the next time will tell */ }
}
document.addEventListener("visibilitychange", stay);
setInterval(stay, 240000);
