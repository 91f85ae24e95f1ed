// The choice of two to four nodes or types to compare.
import { make } from "./dom.js";

export const maxCompared = 4;

// Picks links to the comparison of what is chosen, in a root element. What is
// "nodes" or "types".
export class Picks {
  constructor(root, what) {
    Object.assign(this, { root, what, chosen: new Set() });
    this.link = make("a");
    this.status = make("span", { role: "status" });
    root.append(this.link, " ", this.status);
  }

  has(name) {
    return this.chosen.has(name);
  }

  // set chooses names instead of those chosen so far.
  set(names) {
    this.chosen = new Set(names);
    this.show();
  }

  // pick chooses a name, or no longer. A fifth is refused.
  pick(name, box) {
    const full = box.checked && this.chosen.size >= maxCompared;
    if (full) box.checked = false;
    else if (box.checked) this.chosen.add(name);
    else this.chosen.delete(name);
    this.show();
    this.status.textContent = full ? "At most four." : "";
  }

  show() {
    this.root.hidden = this.chosen.size < 2 || this.chosen.size > maxCompared;
    const names = [...this.chosen].map(encodeURIComponent).join(",");
    this.link.href = `${this.root.dataset.compare}?${this.what}=${names}`;
    this.link.textContent = `Compare ${this.chosen.size} selected ${this.what}`;
  }

  // box is a checkbox that picks a name, which a function returns: rows are used
  // again.
  box(name) {
    const box = make("input", { type: "checkbox" });
    box.addEventListener("change", () => this.pick(name(), box));
    return box;
  }
}

// pickTypes lets the reader choose types in the table of a root element.
export const pickTypes = (root) => {
  const { rows } = root.querySelector("table").tBodies[0];
  if (rows.length < 2) return;
  const picks = new Picks(root.querySelector(".picked"), "types");
  for (const row of rows) {
    const box = picks.box(() => row.dataset.type);
    box.setAttribute("aria-label", `Compare ${row.dataset.type}`);
    row.cells[0].prepend(box);
  }
};
