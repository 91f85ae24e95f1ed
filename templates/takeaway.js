// What the list shows, as files: CSV, JSON, NDJSON and Markdown with its rows in its order
// and its columns.
import { copyAs } from "./copyas.js";
import { copyButton, make } from "./dom.js";

// A cell that a spreadsheet would take for a formula is text.
const harmless = (text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

const csvCell = (value) => {
  const text = typeof value === "string" ? harmless(value) : String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const markdownCell = (text) => text.replace(/[\\|<>[\]`*_]/g, "\\$&").replace(/\s+/g, " ");

const lines = (all) => all.map((line) => `${line}\n`).join("");

// Formats make the text of a file from columns ({ name, title, text, value }) and the
// numbers of nodes.
export const formats = {
  CSV: {
    type: "text/csv",
    suffix: "csv",
    write: (columns, nodes) =>
      [columns.map((c) => c.name), ...nodes.map((i) => columns.map((c) => c.value(i)))]
        .map((cells) => `${cells.map(csvCell).join(",")}\r\n`)
        .join(""),
  },
  JSON: {
    type: "application/json",
    suffix: "json",
    write: (columns, nodes) => `[\n${nodes.map((i) => jsonRow(columns, i)).join(",\n")}\n]\n`,
  },
  NDJSON: {
    type: "application/x-ndjson",
    suffix: "ndjson",
    write: (columns, nodes) => lines(nodes.map((i) => jsonRow(columns, i))),
  },
  Markdown: {
    type: "text/markdown",
    suffix: "md",
    write: (columns, nodes) =>
      lines([
        `| ${columns.map((c) => markdownCell(c.title)).join(" | ")} |`,
        `|${columns.map((c) => (c.numeric ? "---:|" : "---|")).join("")}`,
        ...nodes.map((i) => `| ${columns.map((c) => markdownCell(c.text(i))).join(" | ")} |`),
      ]),
  },
};

const jsonRow = (columns, i) => JSON.stringify(Object.fromEntries(columns.map((c) => [c.name, c.value(i) ?? null])));

// download gives the reader a file.
export const download = (name, { type, suffix, write }, columns, nodes) => {
  const url = URL.createObjectURL(new Blob([write(columns, nodes)], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name}.${suffix}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60e3); // the browser may still read it
};

const calendarNodes = 50; // that a calendar may have

// TakeAway fills a root element, a menu, with files of what a list shows, and with its
// question to the API.
export class TakeAway {
  constructor(root, list) {
    Object.assign(this, { root, list });
    this.api = root.dataset.search;
    this.calendar = make("a", {}, "Calendar of these nodes");
    this.feed = make("a", {}, "Feed of their free slots");
    const files = Object.entries(formats).map(([label, format]) => {
      const button = make("button", { type: "button" }, label);
      button.addEventListener("click", () => download("nodes", format, list.fileColumns, list.nodes));
      return button;
    });
    this.texts = make("div");
    root.append(
      make(
        "div",
        {},
        make("p", { class: "small muted" }, "These rows and columns, in this order:"),
        make("p", { class: "row" }, ...files),
        make("p", { class: "row" }, this.calendar, this.feed),
        make("p", { class: "small muted" }, "The same question to the API:"),
        this.texts,
      ),
    );
    root.addEventListener("toggle", () => this.copy());
  }

  // copy shows the question as it is now.
  copy() {
    const query = this.list.filters;
    const { calendar, feed } = this.root.dataset;
    this.calendar.href = `${calendar}?${query}`;
    this.calendar.hidden = this.list.nodes.length > calendarNodes;
    this.feed.href = feed + (this.list.slots ? new URL(this.list.slots.href).search : "");
    this.feed.hidden = !this.list.slots;
    const parts = Object.entries(copyAs(this.api, query)).flatMap(([title, text]) => {
      const pre = make("pre", { tabindex: "0", role: "group", "aria-label": title }, text);
      return [make("p", { class: "row" }, make("b", {}, title), copyButton(pre)), pre];
    });
    this.texts.replaceChildren(...parts);
  }
}
