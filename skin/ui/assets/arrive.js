// A result that was just shown is announced and scrolled to. Runs as js_on_load of a gr.HTML.
function arrive() {
  const title = element.querySelector("[tabindex='-1']");
  if (!title) return;
  window.scrollTo({ top: 0 });
  title.focus({ preventScroll: true });
}
watch("value", arrive);
arrive();
