// Clicks on rendered lists become Gradio events; deleting asks first. Runs as js_on_load of a gr.HTML.
const idOf = (button) => button.closest("[data-scan]").dataset.scan;
const group = (button) => button.closest(".hist-item, .acc-danger");

function ask(button, asking) {
  const box = group(button);
  box.querySelector(".hist-confirm").hidden = !asking;
  box.querySelector("[data-ask]").hidden = asking;
  box.querySelector(asking ? "[data-keep]" : "[data-ask]").focus();
}

const choices = {
  open: (button) => trigger("open", { scan_id: idOf(button) }),
  erase: (button) => trigger("erase", { scan_id: idOf(button) }),
  turn: (button) => trigger("turn", { cursor: button.dataset.turn || null }),
  ask: (button) => ask(button, true),
  keep: (button) => ask(button, false),
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  for (const name of Object.keys(choices)) if (name in button.dataset) choices[name](button);
});
