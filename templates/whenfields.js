// The fields of the list's form that ask for time: any, free now, or free for so long.
import { make, number } from "./dom.js";
import { countWithout } from "./filter.js";
import { readWhen } from "./when.js";

const params = ["availability", "hours", "start"];
const hoursOf = { hours: 1, days: 24 };

const radio = (value) => make("input", { type: "radio", name: "when", value, checked: value === "any" });

export class WhenFields {
  constructor() {
    this.radios = { any: radio("any"), now: radio("now"), for: radio("for") };
    this.counts = { any: make("span", { class: "count" }), now: make("span", { class: "fa" }) };
    this.length = make("input", { type: "number", name: "length", min: 1, max: 8784, value: 24, "aria-label": "Free for at least" });
    this.unit = make("select", { name: "unit", "aria-label": "Unit of time" });
    this.unit.append(...Object.keys(hoursOf).map((value) => make("option", { value }, value)));
    this.start = make("input", { type: "date", name: "start", id: "free-from" });

    const row = (name, label, count = "") => make("label", { class: "opt" }, this.radios[name], make("span", {}, label), count);
    this.root = make(
      "fieldset",
      { class: "facet", disabled: true },
      make("legend", {}, "When"),
      row("any", "Any time", this.counts.any),
      row("now", "Free now", this.counts.now),
      row("for", "Free for at least"),
      make("span", { class: "pair" }, this.length, this.unit),
      make("label", { class: "opt from" }, make("span", {}, "from"), this.start),
    );
    // Who writes how long, or from when, means that.
    for (const field of [this.length, this.unit, this.start])
      field.addEventListener("input", () => {
        this.radios.for.checked = true;
      });
  }

  // read takes what a query asks for, and returns the parameters that the fields show.
  read(query) {
    const when = readWhen(query);
    const { states = [], hours = 0, start = "" } = when ?? {};
    const isDate = /^(\d{4}-\d{2}-\d{2})?$/.test(start);
    this.length.value = hours ? (hours % 24 === 0 && hours > 24 ? hours / 24 : hours) : 24;
    this.unit.value = hours % 24 === 0 && hours > 24 ? "days" : "hours";
    this.start.value = isDate ? start : "";

    if (!when) this.radios.any.checked = true;
    else if (states.join() === "available" && !hours) this.radios.now.checked = true;
    else if (!states.length && isDate) this.radios.for.checked = true;
    else {
      this.radios.any.checked = true; // a chip shows it
      return [];
    }
    return params;
  }

  write(query) {
    if (this.radios.now.checked) query.set("availability", "available");
    if (!this.radios.for.checked || !(this.length.valueAsNumber > 0)) return;
    query.set("hours", this.length.valueAsNumber * hoursOf[this.unit.value]);
    if (this.start.value) query.set("start", this.start.value);
  }

  // showCounts shows how many nodes there are at any time, and now. Without the live
  // service time is no filter.
  showCounts(filter, known) {
    this.root.disabled = !known;
    const { free, all } = countWithout(filter.time);
    this.counts.any.textContent = number.format(filter.found + all);
    this.counts.now.replaceChildren(
      ...(known ? [make("b", {}, number.format(filter.free + free)), `/${number.format(filter.found + all)}`] : []),
    );
  }
}
