// Clicks on rendered pages become Gradio events; what is asked twice asks first. Runs as js_on_load of a gr.HTML.
// An event renders its page anew: `next` says what has the focus then, and the page's own words ([data-say]) are read out.
const idOf = (button) => button.closest("[data-scan]").dataset.scan;
let next = null;

function send(name, payload, focus) {
  next = focus;
  trigger(name, payload);
}

function ask(button, asking) {
  const box = button.closest("[data-asks]");
  box.querySelector(".hist-confirm").hidden = !asking;
  box.querySelector("[data-ask]").hidden = asking;
  box.querySelector(asking ? "[data-keep]" : "[data-ask]").focus();
}

const choices = {
  open: (button) => trigger("open", { scan_id: idOf(button) }),
  delete: (button) => send("delete", { scan_id: idOf(button) }, `[data-scan="${idOf(button)}"] [data-restore]`),
  restore: (button) => send("restore", { scan_id: idOf(button) }, `[data-scan="${idOf(button)}"] [data-delete]`),
  erase: (button) => send("erase", { scan_id: idOf(button) }, "h1"),
  timeline: () => trigger("timeline", {}),
  turn: (button) => send("turn", { cursor: button.dataset.turn || null }, "h1"),
  decide: (button) => send("decide", { ...button.dataset }, `[data-purpose="${button.dataset.purpose}"]`),
  ask: (button) => ask(button, true),
  keep: (button) => ask(button, false),
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  for (const name of Object.keys(choices)) if (name in button.dataset) choices[name](button);
});
element.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-retain]");
  if (!form) return;
  event.preventDefault();
  send("retain", { hours: new FormData(form).get("hours") }, "[data-retain] button");
});
watch("value", () => {
  const said = element.querySelector("[data-say]")?.textContent;
  if (said) document.getElementById("said").textContent = said;
  if (next) element.querySelector(next)?.focus();
  next = null;
});
