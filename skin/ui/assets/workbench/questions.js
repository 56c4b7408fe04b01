// Two dialogs: why a picture is skipped, and which earlier answer to correct.
export function askReason(dialog) {
  const form = dialog.querySelector("form");
  form.reset();
  dialog.showModal();
  form.elements.reason[0].focus();
  form.elements.other.onfocus = () => { form.elements.reason.value = ""; };
  return closed(dialog, () => (form.elements.other.value.trim() || form.elements.reason.value || null));
}

export async function chooseEarlier(dialog, list) {
  const rows = dialog.querySelector("ol");
  const { tasks } = await list();
  let chosen = null;
  rows.replaceChildren(...tasks.map((task) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "sk-button is-small" });
    const when = new Date(task.finished_at).toLocaleTimeString([], { timeStyle: "medium" });
    button.textContent = `${when}${task.state === "skipped" ? " (skipped)" : ""}`;
    button.disabled = task.state !== "submitted";
    button.addEventListener("click", () => { chosen = task; dialog.close("yes"); });
    const row = document.createElement("li");
    row.append(button);
    return row;
  }));
  dialog.querySelector("[data-none]").hidden = tasks.length > 0;
  dialog.showModal();
  return closed(dialog, () => chosen);
}

// What `read` finds once the dialog is closed, or null where it was left.
function closed(dialog, read) {
  dialog.returnValue = "";
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes" ? read() : null), { once: true });
  });
}
