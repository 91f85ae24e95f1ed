// The columns of the list: all properties of the table of hardware, of which the reader
// chooses some.
import { showBadge } from "./badge.js";
import { make } from "./dom.js";
import { textOf } from "./filter.js";
import { units } from "./units.js";
import { joinList, readList } from "./url.js";

const key = "refapi.columns"; // in the browser's storage

// labelsOf are what a node has in a column of names, as people read them.
const labelsOf = (column, labels, i) => {
  const set = column.sets ? column.sets[column.of[i]] : [column.of[i]];
  return set.map((n) => labels?.[column.names[n]] ?? column.names[n]).filter(Boolean);
};

// propertyColumn is the column of a property. Value is what files get.
const propertyColumn = (index, p) => {
  const values = index[p.column];
  const numeric = p.kind in units && p.kind !== "flag";
  const column = { name: p.column, title: p.title, numeric, sort: p.list_sort ?? p.column };
  if (p.kind === "flag") {
    const text = (i) => (values[i] > 0 ? "yes" : values[i] < 0 && p.search ? "not stated" : "");
    return { ...column, text, value: (i) => (values[i] < 0 ? null : values[i] > 0) };
  }
  if (p.kind in units) return { ...column, text: (i) => units[p.kind](values[i]), value: (i) => values[i] };
  return {
    ...column,
    text: (i) => (p.labels ? labelsOf(values, p.labels, i).join(", ") : textOf(values, i)),
    value: (i) => textOf(values, i),
    tags: p.kind === "set" ? (i) => labelsOf(values, p.labels, i) : undefined,
  };
};

// Columns are the columns that there are, and those that are shown.
export class Columns {
  constructor(index, storage = globalThis.localStorage) {
    this.storage = storage;
    const properties = index.properties.filter((p) => p.title && !p.alias && !p.hidden);
    const listed = properties.filter((p) => p.list).sort((a, b) => a.list - b.list);
    const others = properties.filter((p) => !p.list);
    this.all = [
      { name: "state", title: "State", sort: "state" },
      ...[...listed, ...others].map((p) => propertyColumn(index, p)),
      { name: "uid", title: "Node ID", sort: "uid", text: (i) => index.uid[i], value: (i) => index.uid[i] },
    ];
    this.defaults = this.all.slice(0, listed.length + 1).map((c) => c.name);
    this.set(this.defaults);
  }

  // set shows the columns of some names, in their order; without any known one the
  // defaults.
  set(names) {
    const known = [...new Set(names)].map((name) => this.all.find((c) => c.name === name)).filter(Boolean);
    this.shown = known.length ? known : this.defaults.map((name) => this.all.find((c) => c.name === name));
  }

  get names() {
    return this.shown.map((c) => c.name);
  }

  get isDefault() {
    return this.names.join() === this.defaults.join();
  }

  // read takes the columns of a query, else those that were kept in this browser.
  read(query) {
    const names = readList(query, "columns");
    this.set(names.length ? names : this.kept());
  }

  write(query) {
    if (!this.isDefault) query.set("columns", joinList(this.names));
  }

  // toggle shows a column behind the others, or no longer.
  toggle(name, on) {
    this.set(on ? [...this.names, name] : this.names.filter((n) => n !== name));
    this.keep();
  }

  reset() {
    this.set(this.defaults);
    this.keep();
  }

  // Browsers may refuse storage; then columns are in the URL alone.
  kept() {
    try {
      return readList(new URLSearchParams({ columns: this.storage.getItem(key) ?? "" }), "columns");
    } catch {
      return [];
    }
  }
  keep() {
    try {
      if (this.isDefault) this.storage.removeItem(key);
      else this.storage.setItem(key, joinList(this.names));
    } catch {
      // Nothing is kept.
    }
  }
}

// showCell shows what a node has in a column. Links are those of its type and site.
export const showCell = (td, column, i, { state, links }) => {
  if (column.name === "state") showBadge(td, state);
  else if (column.tags) td.replaceChildren(...column.tags(i).flatMap((tag) => [make("span", { class: "tag" }, tag), " "]));
  else if (links[column.name]) td.replaceChildren(...links[column.name]);
  else td.textContent = column.text(i);
};
