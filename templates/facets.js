// The form of the list's filter: its options, each with how many nodes there would
// be with it.
import { make, number } from "./dom.js";
import { addStep, matches } from "./filter.js";
import { units } from "./units.js";
import { joinList, readList } from "./url.js";

// whole writes a name of which others have parts so that it finds only itself.
const whole = ({ names, match }, name) =>
  match === "contains" && names.some((other) => other !== name && matches.contains(other, name)) ? `"${name}"` : name;

const checkbox = (name, value) => make("input", { type: "checkbox", name, value });

// Facets is the form of a filter, in its root element. Each change of it calls a
// function.
export class Facets {
  constructor(form, filter, onChange) {
    Object.assign(this, { form, filter });
    this.text = make("input", { type: "search", name: "q", autocomplete: "off", spellcheck: "false" });
    this.minimums = filter.minimums.map((c) => this.minimum(c));
    this.choices = filter.choices.map((c) => this.choice(c));
    this.flags = filter.flags.map((data) => ({
      data,
      box: checkbox(data.search, "true"),
      count: make("span", { class: "count" }),
    }));

    const open = matchMedia("(min-width: 60rem)").matches;
    form.append(
      make(
        "details",
        { class: "filters", open },
        make("summary", {}, "Filter"),
        make("label", { class: "text" }, "Search", this.text),
        make(
          "fieldset",
          { class: "least" },
          make("legend", {}, "Minimum"),
          ...this.minimums
            .filter(({ data }) => data.steps.length)
            .map(({ data, select }) => make("label", {}, data.title, select)),
        ),
        ...this.flags.filter(({ data }) => !data.hidden).map(({ data, box, count }) => make("label", { class: "check" }, box, data.title, count)),
        ...this.choices
          .filter(({ data }) => !data.hidden && data.names.some((name) => name !== ""))
          .map((c) => c.details),
        make("button", { type: "reset" }, "Clear"),
      ),
    );

    form.addEventListener("input", onChange);
    form.addEventListener("submit", (e) => e.preventDefault());
    form.addEventListener("reset", () => {
      this.others = [];
      setTimeout(onChange); // the fields are cleared after the event
    });
    form.hidden = false;
  }

  // minimum is the choice of an amount to have at least.
  minimum(data) {
    const options = data.steps.map((value) => make("option", { value }));
    const select = make("select", { name: data.min }, make("option", { value: "" }, "Any"), ...options);
    return { data, options, select };
  }

  // choice is a set of names to choose from. Nodes without a name have none to
  // choose.
  choice(data) {
    const { names, search, title, labels: words } = data;
    const boxes = names.map((name) => checkbox(search, name));
    const labels = names.map((name, i) =>
      make(
        "label",
        { class: "check" },
        boxes[i],
        make("bdi", {}, words?.[name] ?? name),
        make("span", { class: "count" }),
      ),
    );
    const details = make(
      "details",
      {},
      make("summary", {}, title),
      make(
        "div",
        { class: "choices", role: "group", "aria-label": title },
        ...labels.filter((_, i) => names[i] !== ""),
      ),
    );
    return { data, boxes, labels, details };
  }

  // read takes what is chosen from a URL's query. What the form cannot show of it is kept.
  read(query) {
    this.text.value = query.getAll("q").at(-1) ?? "";
    for (const { data, box } of this.flags) box.checked = query.getAll(data.search).at(-1) === "true";

    const shown = new Set(["q"]);
    for (const { data, box } of this.flags) if (box.checked) shown.add(data.search);
    for (const { data } of this.minimums) shown.add(data.min);
    for (const { data } of this.choices) if (!readList(query, data.search).includes("unstated")) shown.add(data.search);
    this.others = [...this.filter.params]
      .filter((name) => query.has(name) && !shown.has(name))
      .map((name) => [name, query.getAll(name).at(-1)]);

    for (const { data, options, select } of this.minimums) {
      const value = Number(query.get(data.min) ?? "");
      if (value > 0 && !data.steps.includes(value)) {
        options.splice(addStep(data, value), 0, make("option", { value }));
        select.replaceChildren(select.options[0], ...options);
      }
      select.value = value > 0 ? String(value) : "";
    }

    for (const { data, boxes, details } of this.choices) {
      const wanted = readList(query, data.search);
      const match = matches[data.match ?? "exactly"];
      boxes.forEach((box) => {
        box.checked = wanted.some((value) => match(box.value, value));
      });
      details.open = wanted.length > 0 || data.open === true;
    }
  }

  // write puts what is chosen into a URL's query.
  write(query) {
    for (const [name, value] of this.others) query.set(name, value);
    if (this.text.value.trim()) query.set("q", this.text.value.trim());
    for (const { data, select } of this.minimums) if (select.value) query.set(data.min, select.value);
    for (const { data, box } of this.flags) if (box.checked) query.set(data.search, "true");
    for (const { data } of this.choices) {
      const names = this.chosen(data.column);
      if (names.length) query.set(data.search, joinList(names.map((name) => whole(data, name))));
    }
    return query;
  }

  // chosen are the names that are chosen in a column.
  chosen(column) {
    return this.choices
      .find(({ data }) => data.column === column)
      .boxes.filter((box) => box.checked)
      .map((box) => box.value);
  }

  // showCounts writes the filter's counts to the options.
  showCounts() {
    for (const { data, count } of this.flags) count.textContent = number.format(data.count);
    for (const { data, labels } of this.choices) {
      labels.forEach((label, i) => {
        label.lastChild.textContent = number.format(data.counts[i]);
        label.classList.toggle("none", data.counts[i] === 0);
      });
    }
    for (const { data, options } of this.minimums) {
      options.forEach((option, i) => {
        option.textContent = `${units[data.kind](data.steps[i])} (${number.format(data.counts[i])})`;
      });
    }
  }
}
