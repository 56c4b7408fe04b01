// A note on a scan is saved in place, on whatever page it is shown.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest?.("form[data-note]");
  if (!form) return;
  event.preventDefault();
  const told = form.querySelector("[role=status]");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ note: form.querySelector("textarea").value }),
    });
    const said = await answer.json();
    told.textContent = answer.ok ? form.dataset.saved : said.detail;
    if (answer.ok) showNote(form.closest(".note"), said.note);
  } catch {
    told.textContent = form.dataset.offline;
  }
});

function showNote(box, note) {
  const [text, label] = [box.querySelector(".note-text"), box.querySelector("[data-label]")];
  text.textContent = note;
  text.hidden = !note;
  label.textContent = note ? label.dataset.edit : label.dataset.add;
}
