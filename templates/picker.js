// The menu in which the reader chooses columns, with a search among them.
import { make } from "./dom.js";

const normal = (text) => text.normalize("NFKC").toLowerCase();

// Picker fills a root element, a menu, with all columns. Each change calls a function.
export class Picker {
  constructor(root, columns, onChange) {
    Object.assign(this, { columns, onChange });
    this.search = make("input", { type: "search", "aria-label": "Search columns", placeholder: "Search columns" });
    this.search.addEventListener("input", () => this.find());

    const node = make("label", { class: "opt" }, make("input", { type: "checkbox", checked: true, disabled: true }), "Node");
    this.options = columns.all.map((column) => {
      const box = make("input", { type: "checkbox", name: "column", value: column.name });
      box.addEventListener("change", () => {
        columns.toggle(column.name, box.checked);
        this.read();
        onChange();
      });
      return { column, box, label: make("label", { class: "opt" }, box, column.title) };
    });

    const reset = make("button", { type: "button" }, "Defaults");
    reset.addEventListener("click", () => {
      columns.reset();
      this.read();
      onChange();
    });
    root.append(
      make(
        "div",
        {},
        make("p", { class: "small muted" }, "Shown in the order in which they are chosen; kept in the URL and in this browser."),
        this.search,
        make(
          "fieldset",
          {},
          make("legend", { class: "vh" }, "Columns"),
          make("div", { class: "cols" }, node, ...this.options.map((o) => o.label)),
        ),
        make("p", { class: "row" }, reset),
      ),
    );
    this.read();
  }

  // read shows which columns are shown.
  read() {
    for (const { column, box } of this.options) box.checked = this.columns.names.includes(column.name);
  }

  find() {
    const wanted = normal(this.search.value.trim());
    for (const { column, label } of this.options) label.hidden = !normal(column.title).includes(wanted);
  }
}
