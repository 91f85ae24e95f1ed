// The panel on pages about one thing: how many, where, from when and for how long, and how
// to reserve that.
import { run } from "./dom.js";
import { startOf } from "./fill.js";
import { Reserve } from "./reserve.js";

const hour = 3600e3;

// readTime reads a field for a time in UTC; NaN for none.
const readTime = (text) => Date.parse(`${text}Z`);

// ReserveForm shows a root element that has a form. What is reserved is in the form's data,
// or comes from a function of the time, the length and the site that are asked for.
export class ReserveForm {
  constructor(root, choose) {
    this.root = root;
    this.form = root.querySelector("form");
    this.choose = choose ?? (() => this.what());
    this.reserve = new Reserve(root);
    this.form.addEventListener("submit", (e) => e.preventDefault());
    this.form.addEventListener("input", (e) => {
      this.touched ||= e.target.name === "from";
      this.update();
    });
    root.hidden = false;
    this.form.hidden = false;
  }

  // what is the thing that the page is about.
  what() {
    const { type, flavor, node, name } = this.form.dataset;
    if (type) return { type };
    return flavor ? { flavor } : { nodes: [{ uid: node, name }] };
  }

  // suggest puts a start into the form, unless the reader has chosen one.
  suggest(t) {
    if (this.touched || !t) return;
    this.form.elements.from.value = new Date(Math.ceil(t / 60e3) * 60e3).toISOString().slice(0, 16);
    this.update();
  }

  update() {
    if (!this.form.checkValidity()) return;
    const { count, hours, from, site } = this.form.elements;
    const now = Date.now();
    const start = startOf(readTime(from.value), now);
    const length = hours.valueAsNumber * hour;
    const asked = { site: site.value, start: start || undefined, end: (start || now) + length };
    const what = this.choose({ ...asked, from: start || now, length });
    if (!what) return;
    const number = what.nodes?.length ?? Number(count.value);
    run(this.root, () => this.reserve.show({ count: number, ...asked, ...what }, now));
  }
}
