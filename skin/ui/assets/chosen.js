// Two scans to compare. Follows choices.js in the js_on_load of the history, which runs again whenever the list comes
// back to the screen; the choice outlives that.
const chosen = (window.skinChosen ??= new Map());

function showChosen() {
  for (const box of element.querySelectorAll("[data-choose]")) box.checked = chosen.has(idOf(box));
  const bar = element.querySelector(".hist-compare");
  if (!bar) return;
  const [first, second] = chosen.values();
  bar.querySelector("[data-compare]").hidden = chosen.size < 2;
  bar.querySelector("[role=status]").textContent = [
    bar.dataset.none,
    bar.dataset.one,
    bar.dataset.two,
  ][chosen.size].replace("{first}", first).replace("{second}", second);
}

element.addEventListener("change", (event) => {
  const box = event.target.closest("[data-choose]");
  if (!box) return;
  chosen.delete(idOf(box));
  if (chosen.size > 1) chosen.delete(chosen.keys().next().value); // the one chosen longest ago makes room
  if (box.checked) chosen.set(idOf(box), box.closest(".hist-item").querySelector("time").textContent);
  showChosen();
});
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-compare], [data-delete]");
  if (button?.matches("[data-delete]")) chosen.delete(idOf(button));
  if (!button?.matches("[data-compare]")) return;
  const [scan_id, other_id] = chosen.keys();
  trigger("compare", { scan_id, other_id });
});
watch("value", showChosen);
showChosen();
