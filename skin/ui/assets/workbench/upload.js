// Sends chosen or dropped pictures one by one, and says of each what became of it.
import { Trouble, api } from "./api.js";

export class Upload {
  #waiting = [];
  #sent = 0;
  #isSending = false;

  // `project()` names where pictures go; `done` is called after each.
  constructor(root, project, done) {
    Object.assign(this, { root, project, done });
    this.files = root.querySelector(".pj-files");
    this.sending = root.querySelector("[data-sending]");
    const choice = root.querySelector("input[type=file]");
    choice.addEventListener("change", () => { this.add(choice.files); choice.value = ""; });
    const place = root.querySelector(".pj-drop");
    for (const kind of ["dragover", "dragleave", "drop"]) {
      place.addEventListener(kind, (event) => {
        event.preventDefault();
        place.classList.toggle("is-over", kind === "dragover");
        if (kind === "drop") this.add(event.dataTransfer.files);
      });
    }
  }

  clear() {
    this.files.replaceChildren();
  }

  add(files) {
    const person = this.root.querySelector("[name=person]").value.trim();
    const licence = this.root.querySelector("[name=licence]").value.trim();
    for (const file of files) {
      const row = document.createElement("li");
      const [name, outcome] = [document.createElement("span"), document.createElement("span")];
      name.textContent = name.title = file.name;
      outcome.textContent = "waiting";
      row.append(name, outcome);
      this.files.append(row);
      this.#waiting.push({ file, person, licence, outcome, project: this.project() });
    }
    this.#send();
  }

  async #send() {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#waiting.length) {
      this.#count();
      await this.#sendOne(this.#waiting[0]);
      this.#waiting.shift();
      this.#sent += 1;
      this.done();
    }
    this.#sent = 0;
    this.#isSending = false;
    this.#count();
  }

  async #sendOne({ file, person, licence, outcome, project }) {
    outcome.textContent = "finding the face …";
    const form = new FormData();
    form.append("image", file);
    form.append("person", person);
    form.append("licence", licence);
    try {
      const { added, skipped } = await api.addPicture(project, form);
      outcome.className = added ? "is-added" : "is-refused";
      outcome.textContent = added ? "added" : skipped[0].message;
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      outcome.className = "is-refused";
      outcome.textContent = trouble.message;
    }
    outcome.scrollIntoView({ block: "nearest" });
  }

  #count() {
    const all = this.#sent + this.#waiting.length;
    this.sending.hidden = !this.#waiting.length;
    const bar = this.sending.querySelector("progress");
    Object.assign(bar, { max: Math.max(1, all), value: this.#sent });
    this.sending.querySelector("[data-counted]").textContent = `${this.#sent} of ${all}`;
  }
}
