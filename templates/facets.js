// The form of the hardware browser: what one can choose, and how many nodes there
// would be with it.
import { make, number } from "./dom.js";
import { binary, decimal } from "./units.js";

const GiB = 2 ** 30;
const TB = 1e12;

// What can be chosen: one of several names, or at least so much. Names in
// addresses are those of a search of the API.
const choices = [
  { column: "site", query: "site_id", title: "Site" },
  { column: "gpu", query: "gpu_model", title: "GPU model" },
  { column: "type", query: "node_type", title: "Node type" },
  { column: "arch", query: "arch", title: "Architecture" },
  { column: "cpu", query: "cpu", title: "Processor" },
  { column: "media", query: "storage_media", title: "Storage media" },
  // Only where there is something to choose.
  { column: "lease", query: "leased_by", title: "Leased", words: { node: "as a complete machine", flavor: "by flavor" } },
];
const leasts = [
  { column: "gpus", query: "min_gpus", title: "GPUs", steps: [1, 2, 4, 8, 16], text: String },
  { column: "threads", query: "min_cores", title: "Threads", steps: [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512], text: String },
  { column: "ram", query: "min_ram", title: "Memory", steps: [32, 64, 128, 192, 256, 384, 512, 1024, 2048, 4096].map((n) => n * GiB), text: binary },
  { column: "storage", query: "min_storage", title: "Storage", steps: [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64].map((n) => n * TB), text: decimal },
];

const check = (name, value) => make("input", { type: "checkbox", name, value });

// Facets is the form, in which the list counts.
export class Facets {
  constructor(form, index, changed) {
    this.form = form;
    this.text = make("input", { type: "search", name: "q", autocomplete: "off", spellcheck: "false" });
    this.infiniband = check("infiniband", "true");
    this.infinibandCount = make("span", { class: "count" });
    this.leasts = leasts.map((c) => this.least(c, index[c.column]));
    this.choices = choices.filter((c) => index[c.column]).map((c) => this.choice(c, index[c.column]));
    const open = matchMedia("(min-width: 60rem)").matches;
    form.append(make("details", { class: "filters", open }, make("summary", {}, "Filter"),
      make("label", { class: "text" }, "Words", this.text),
      make("fieldset", { class: "least" }, make("legend", {}, "At least"),
        ...this.leasts.filter((c) => c.steps.length).map((c) => make("label", {}, c.title, c.select))),
      make("label", { class: "check" }, this.infiniband, "InfiniBand", this.infinibandCount),
      ...this.choices.filter((c) => c.names.some((name) => name !== "")).map((c) => c.details),
      make("button", { type: "reset" }, "Clear")));
    form.addEventListener("input", changed);
    form.addEventListener("submit", (e) => e.preventDefault());
    form.addEventListener("reset", () => setTimeout(changed));
    form.hidden = false;
  }

  // least is a number to have at least: amounts are those of the nodes.
  least(c, column) {
    const amounts = Float64Array.from(column);
    const most = amounts.reduce((a, b) => Math.max(a, b), 0);
    const steps = c.steps.filter((n) => n <= most);
    const options = steps.map((value) => make("option", { value }));
    const select = make("select", { name: c.query }, make("option", { value: "" }, "any"), ...options);
    return { ...c, amounts, steps, options, select, counts: new Int32Array(steps.length) };
  }

  // choice is a set of names to choose from. What a node has of them, one or
  // several, is a set; of says which, and tally counts nodes by it.
  choice(c, { names, of, sets = names.map((_, i) => [i]) }) {
    const boxes = names.map((name) => check(c.query, name));
    const labels = names.map((name, i) => make("label", { class: "check" }, boxes[i], make("bdi", {}, c.words?.[name] ?? name), make("span", { class: "count" })));
    const details = make("details", {}, make("summary", {}, c.title),
      make("div", { class: "choices", role: "group", "aria-label": c.title }, ...labels.filter((_, i) => names[i] !== "")));
    return { ...c, names, of: Uint32Array.from(of), sets, boxes, labels, details, tally: new Int32Array(sets.length), counts: new Int32Array(names.length) };
  }

  // step adds a number that an address asks for to those one can choose.
  step(c, value) {
    c.steps.push(value);
    c.steps.sort((a, b) => a - b);
    c.counts = new Int32Array(c.steps.length);
    c.options.splice(c.steps.indexOf(value), 0, make("option", { value }));
    c.select.replaceChildren(c.select.options[0], ...c.options);
  }

  // read takes what is chosen from an address's query.
  read(query) {
    this.text.value = query.get("q") ?? "";
    this.infiniband.checked = query.get("infiniband") === "true";
    for (const c of this.leasts) {
      const value = Number(query.get(c.query) ?? "");
      if (value > 0 && !c.steps.includes(value)) this.step(c, value);
      c.select.value = value > 0 ? String(value) : "";
    }
    for (const c of this.choices) {
      const wanted = new Set(query.getAll(c.query));
      c.boxes.forEach((box) => { box.checked = wanted.has(box.value); });
      c.details.open = wanted.size > 0 || c.column === "site" || c.column === "gpu";
    }
  }

  // write puts it into one.
  write(query) {
    if (this.text.value.trim()) query.set("q", this.text.value.trim());
    for (const c of this.leasts) if (c.select.value) query.set(c.query, c.select.value);
    if (this.infiniband.checked) query.set("infiniband", "true");
    for (const c of this.choices) for (const name of this.chosen(c.column)) query.append(c.query, name);
  }

  // chosen are the names chosen of a column.
  chosen(column) {
    return this.choices.find((c) => c.column === column).boxes.filter((box) => box.checked).map((box) => box.value);
  }

  // fits says for each choice which sets have a name that is chosen, null for all.
  fits() {
    return this.choices.map(({ boxes, sets }) =>
      (boxes.some((box) => box.checked) ? Uint8Array.from(sets, (set) => (set.some((name) => boxes[name].checked) ? 1 : 0)) : null));
  }

  // clear begins a count.
  clear() {
    for (const c of this.choices) c.tally.fill(0);
    for (const c of this.leasts) c.counts.fill(0);
  }

  // show writes what has been counted.
  show(withInfiniband) {
    this.infinibandCount.textContent = number.format(withInfiniband);
    for (const c of this.choices) {
      c.counts.fill(0);
      c.sets.forEach((set, i) => { for (const name of set) c.counts[name] += c.tally[i]; });
      c.labels.forEach((label, i) => {
        label.lastChild.textContent = number.format(c.counts[i]);
        label.classList.toggle("none", c.counts[i] === 0);
      });
    }
    for (const c of this.leasts) c.options.forEach((o, i) => { o.textContent = `${c.text(c.steps[i])} (${number.format(c.counts[i])})`; });
  }
}
