// The sheet of all keys; each can be given another.
import { ACTIONS } from "./actions.js";
import { comboOf, showCombo } from "./keys.js";

export class Help {
  #asking = null;

  constructor(keys, dialog, fields) {
    Object.assign(this, { keys, dialog });
    this.told = dialog.querySelector("[role=status]");
    this.list = dialog.querySelector(".keys-columns");
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-action]");
      if (button) this.#ask(button);
    });
    dialog.addEventListener("keydown", (event) => this.#answer(event));
    dialog.addEventListener("cancel", (event) => this.#asking && event.preventDefault());
    dialog.querySelector("[data-reset]").addEventListener("click", () => {
      keys.reset();
      this.#fill();
      this.told.textContent = "All keys are as they were at first.";
    });
    const movesOn = dialog.querySelector("[data-moves-on]");
    movesOn.checked = fields.movesOn;
    movesOn.addEventListener("change", () => fields.setMovesOn(movesOn.checked));
    this.#fill();
  }

  open() {
    this.told.textContent = "";
    this.dialog.showModal();
  }

  // The keys shown in place, on buttons and beside fields.
  label(root) {
    for (const place of root.querySelectorAll("kbd[data-key]")) {
      place.textContent = showCombo(this.keys.keysOf(place.dataset.key)[0]);
    }
    for (const button of root.querySelectorAll("[data-run]")) {
      const keys = this.keys.keysOf(button.dataset.run).map(showCombo).join(" or ");
      button.title = `${button.getAttribute("aria-label") ?? button.textContent.trim()} (${keys})`;
    }
  }

  #fill() {
    const groups = grouped(ACTIONS);
    this.list.replaceChildren(...[...groups].map(([group, actions]) => {
      const part = document.createElement("section");
      const title = document.createElement("h3");
      title.textContent = group;
      part.append(title, ...actions.map((action) => this.#row(action)));
      return part;
    }));
    this.label(document);
  }

  #row(action) {
    const row = document.createElement("p");
    const words = document.createElement("span");
    words.textContent = action.words;
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.action = action.name;
    button.textContent = this.keys.keysOf(action.name).map(showCombo).join(" or ");
    button.setAttribute("aria-label", `${action.words}: ${button.textContent}. Change the key`);
    row.append(words, button);
    return row;
  }

  #ask(button) {
    this.#asking = button;
    button.textContent = "Press a key";
    this.told.textContent = "Press the new key, or Escape to leave it.";
  }

  #answer(event) {
    if (!this.#asking) return;
    const combo = comboOf(event);
    if (!combo) return;
    event.preventDefault();
    const { action: name } = this.#asking.dataset;
    this.#asking = null;
    const taken = combo === "Escape" ? undefined : this.keys.choose(name, combo);
    this.#fill();
    this.list.querySelector(`[data-action="${name}"]`).focus();
    if (taken === undefined) this.told.textContent = "Left as it was.";
    else this.told.textContent = taken ? `${showCombo(combo)} is taken by “${taken.words}”: choose another key.` : `${showCombo(combo)} it is.`;
  }
}

function grouped(actions) {
  const groups = new Map();
  for (const action of actions) groups.set(action.group, [...(groups.get(action.group) ?? []), action]);
  return groups;
}
