// One sentence over the face and the ways on from there.
const BRIEF_MS = 6000;

export class Notice {
  #timer = 0;

  constructor(root) {
    this.root = root;
    [this.text, this.ways] = [root.querySelector("p"), root.querySelector("div")];
  }

  tell(text, ways, { isBrief = false } = {}) {
    if (!this.root.hidden && this.text.textContent === text) return; // told already; its buttons may have the focus
    clearTimeout(this.#timer);
    this.text.textContent = text;
    this.ways.replaceChildren(...ways.map(([words, act]) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "sk-button is-small", textContent: words });
      button.addEventListener("click", act);
      return button;
    }));
    this.root.hidden = false;
    if (isBrief) this.#timer = setTimeout(() => this.close(), BRIEF_MS);
  }

  close() {
    clearTimeout(this.#timer);
    this.root.hidden = true;
    this.text.textContent = "";
  }
}
