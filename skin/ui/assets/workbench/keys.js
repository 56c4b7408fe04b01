// Which key does what: the defaults of actions.js, and what a person chose instead, kept in this browser.
import { ACTIONS } from "./actions.js";

const STORE = "skin.annotate.keys";
const NAMES = { " ": "Space", Esc: "Escape" };
const BARE = new Set(["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock", "Dead", "Unidentified", "Tab"]);
const SHOWN = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Delete: "Del" };

// "Ctrl+Shift+z", "Shift+3", "?" and so on; digits by their place on the board, which is the same on every layout.
export function comboOf(event) {
  if (BARE.has(event.key)) return null;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code ?? "")?.[1];
  let key = digit ?? NAMES[event.key] ?? event.key;
  const isLetter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
  if (isLetter) key = key.toLowerCase();
  const takesShift = event.shiftKey && (digit || isLetter || key.length > 1);
  const held = [(event.ctrlKey || event.metaKey) && "Ctrl", event.altKey && "Alt", takesShift && "Shift"];
  return [...held.filter(Boolean), key].join("+");
}

export const showCombo = (combo) =>
  combo.split(/(?<=.)\+/).map((part) => SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(" + ");

export class Keys {
  constructor(storage = localStorage) {
    this.storage = storage;
    this.chosen = {};
    try {
      const kept = JSON.parse(storage.getItem(STORE)) ?? {};
      for (const [name, combo] of Object.entries(kept)) this.choose(name, combo);
    } catch { /* unreadable: the defaults hold */ }
  }

  keysOf(name) {
    return this.chosen[name] ? [this.chosen[name]] : ACTIONS.find((action) => action.name === name).keys;
  }

  // The action of a key. Shift with a direction is the same direction, further.
  find(combo) {
    const named = ACTIONS.find((action) => this.keysOf(action.name).includes(combo));
    if (named) return { name: named.name, isFar: false };
    const plain = combo.replace("Shift+", "");
    const far = plain !== combo && ACTIONS.find((action) => action.far && this.keysOf(action.name).includes(plain));
    return far ? { name: far.name, isFar: true } : null;
  }

  // Gives an action another key; the action that has the key already where there is one, and then nothing changes.
  choose(name, combo) {
    const taken = this.find(combo);
    if (taken && taken.name !== name) return ACTIONS.find((action) => action.name === taken.name);
    if (!ACTIONS.some((action) => action.name === name)) return null;
    this.chosen[name] = combo;
    this.storage.setItem(STORE, JSON.stringify(this.chosen));
    return null;
  }

  reset() {
    this.chosen = {};
    this.storage.removeItem(STORE);
  }
}
