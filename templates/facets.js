// The form of the list's filter: its options, each with how many nodes there would
// be with it.
import { make, number } from "./dom.js";
import { addStep } from "./filter.js";
import { binary, decimal } from "./units.js";

const GiB = 2 ** 30;
const TB = 1e12;

// What can be chosen: one of several names, or at least so much. Names in
// addresses are those of a search of the API.
export const choices = [
  { column: "site", query: "site_id", title: "Site" },
  { column: "gpu", query: "gpu_model", title: "GPU model" },
  { column: "type", query: "node_type", title: "Node type" },
  { column: "arch", query: "arch", title: "Architecture" },
  { column: "cpu", query: "cpu", title: "Processor" },
  { column: "media", query: "storage_media", title: "Storage media" },
  // Only where there is something to choose.
  { column: "lease", query: "leased_by", title: "Leased", words: { node: "as a complete machine", flavor: "by flavor" } },
];
export const minimums = [
  { column: "gpus", query: "min_gpus", title: "GPUs", steps: [1, 2, 4, 8, 16], text: String },
  { column: "threads", query: "min_cores", title: "Threads", steps: [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512], text: String },
  { column: "ram", query: "min_ram", title: "Memory", steps: [32, 64, 128, 192, 256, 384, 512, 1024, 2048, 4096].map((n) => n * GiB), text: binary },
  { column: "storage", query: "min_storage", title: "Storage", steps: [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64].map((n) => n * TB), text: decimal },
];

const checkbox = (name, value) => make("input", { type: "checkbox", name, value });

// Facets is the form of a filter, in its root element. Each change of it calls a
// function.
export class Facets {
  constructor(form, filter, onChange) {
    Object.assign(this, { form, filter });
    this.text = make("input", { type: "search", name: "q", autocomplete: "off", spellcheck: "false" });
    this.infiniband = checkbox("infiniband", "true");
    this.infinibandCount = make("span", { class: "count" });
    this.minimums = filter.minimums.map((c) => this.minimum(c));
    this.choices = filter.choices.map((c) => this.choice(c));

    const open = matchMedia("(min-width: 60rem)").matches;
    form.append(make("details", { class: "filters", open }, make("summary", {}, "Filter"),
      make("label", { class: "text" }, "Search", this.text),
      make("fieldset", { class: "least" }, make("legend", {}, "Minimum"),
        ...this.minimums.filter(({ data }) => data.steps.length).map(({ data, select }) => make("label", {}, data.title, select))),
      make("label", { class: "check" }, this.infiniband, "InfiniBand", this.infinibandCount),
      ...this.choices.filter(({ data }) => data.names.some((name) => name !== "")).map((c) => c.details),
      make("button", { type: "reset" }, "Clear")));

    form.addEventListener("input", onChange);
    form.addEventListener("submit", (e) => e.preventDefault());
    form.addEventListener("reset", () => setTimeout(onChange)); // the fields are cleared after the event
    form.hidden = false;
  }

  // minimum is the choice of an amount to have at least.
  minimum(data) {
    const options = data.steps.map((value) => make("option", { value }));
    const select = make("select", { name: data.query }, make("option", { value: "" }, "Any"), ...options);
    return { data, options, select };
  }

  // choice is a set of names to choose from. Nodes without a name have none to
  // choose.
  choice(data) {
    const { names, query, title, words } = data;
    const boxes = names.map((name) => checkbox(query, name));
    const labels = names.map((name, i) => make("label", { class: "check" }, boxes[i], make("bdi", {}, words?.[name] ?? name), make("span", { class: "count" })));
    const details = make("details", {}, make("summary", {}, title),
      make("div", { class: "choices", role: "group", "aria-label": title }, ...labels.filter((_, i) => names[i] !== "")));
    return { data, boxes, labels, details };
  }

  // read takes what is chosen from a URL's query.
  read(query) {
    this.text.value = query.get("q") ?? "";
    this.infiniband.checked = query.get("infiniband") === "true";

    for (const { data, options, select } of this.minimums) {
      const value = Number(query.get(data.query) ?? "");
      if (value > 0 && !data.steps.includes(value)) {
        options.splice(addStep(data, value), 0, make("option", { value }));
        select.replaceChildren(select.options[0], ...options);
      }
      select.value = value > 0 ? String(value) : "";
    }

    for (const { data, boxes, details } of this.choices) {
      const wanted = new Set(query.getAll(data.query));
      boxes.forEach((box) => { box.checked = wanted.has(box.value); });
      details.open = wanted.size > 0 || data.column === "site" || data.column === "gpu";
    }
  }

  // write puts what is chosen into a URL's query.
  write(query) {
    if (this.text.value.trim()) query.set("q", this.text.value.trim());
    for (const { data, select } of this.minimums) if (select.value) query.set(data.query, select.value);
    if (this.infiniband.checked) query.set("infiniband", "true");
    for (const { data } of this.choices) for (const name of this.chosen(data.column)) query.append(data.query, name);
  }

  // chosen are the names that are chosen in a column.
  chosen(column) {
    return this.choices.find(({ data }) => data.column === column).boxes.filter((box) => box.checked).map((box) => box.value);
  }

  // selection is what is chosen, as the filter takes it.
  selection() {
    return {
      text: this.text.value,
      infiniband: this.infiniband.checked,
      minimums: this.minimums.map(({ select }) => Number(select.value)),
      names: this.choices.map(({ boxes }) => boxes.map((box) => box.checked)),
    };
  }

  // showCounts writes the filter's counts to the options.
  showCounts() {
    this.infinibandCount.textContent = number.format(this.filter.withInfiniband);
    for (const { data, labels } of this.choices) {
      labels.forEach((label, i) => {
        label.lastChild.textContent = number.format(data.counts[i]);
        label.classList.toggle("none", data.counts[i] === 0);
      });
    }
    for (const { data, options } of this.minimums) {
      options.forEach((option, i) => { option.textContent = `${data.text(data.steps[i])} (${number.format(data.counts[i])})`; });
    }
  }
}
