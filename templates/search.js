// The search over the sections of all chapters of the guide.
import { counted, make, run } from "./dom.js";
import { fetchJSON } from "./live.js";

const maxHits = 20;
const context = 70; // letters of text around the first word that is found

// splitWords splits a query into words, each once.
export const splitWords = (query) => [...new Set(query.toLowerCase().split(/\s+/).filter(Boolean))];

// rank says how well a section matches words, 0 for not at all: each word must be
// found. A word in the title counts more than one in the text.
export const rank = (section, words) => {
  const [title, chapter, text] = [section.title, section.chapter, section.text].map((s) => s.toLowerCase());
  let sum = 0;
  for (const word of words) {
    const points = (title.includes(word) ? 8 : 0) + (chapter.includes(word) ? 2 : 0) + (text.includes(word) ? 1 : 0);
    if (!points) return 0;
    sum += points;
  }
  return sum;
};

// find returns the sections that match words, the best first.
export const find = (sections, words) =>
  sections
    .map((section) => [rank(section, words), section])
    .filter(([points]) => points)
    .sort(([a], [b]) => b - a)
    .map(([, section]) => section);

// excerpt returns the text around the first word that is found, in parts: those
// with mark are words.
export const excerpt = (text, words) => {
  const lower = text.toLowerCase();
  const at = Math.min(...words.map((w) => lower.indexOf(w)).filter((i) => i >= 0), text.length);
  let [from, to] = [Math.max(0, at - context), Math.min(text.length, at + 2 * context)];
  if (at === text.length) [from, to] = [0, 3 * context]; // only the title has the words

  const parts = from > 0 ? [{ text: "… " }] : [];
  const next = (i) =>
    words
      .map((w) => [lower.indexOf(w, i), w.length])
      .filter(([j]) => j >= 0 && j < to)
      .sort(([a, m], [b, n]) => a - b || n - m)[0];
  let i = from;
  for (let hit = next(i); hit; hit = next(i)) {
    const [start, length] = hit;
    parts.push({ text: text.slice(i, start) }, { text: text.slice(start, start + length), mark: true });
    i = start + length;
  }
  parts.push({ text: text.slice(i, Math.max(i, to)) });
  if (to < text.length) parts.push({ text: " …" });
  return parts.filter((part) => part.text);
};

const hitItem = ({ chapter, title, page, text }, words) =>
  make(
    "li",
    {},
    make("a", { href: page }, title === chapter ? title : `${chapter}: ${title}`),
    make("p", {}, ...excerpt(text, words).map((part) => (part.mark ? make("mark", {}, part.text) : part.text))),
  );

// Search is the form, with what it finds.
export class Search {
  constructor(form, query) {
    Object.assign(this, { form, query });
    this.field = form.elements.q;
    this.status = form.querySelector("#found");
    this.hits = form.querySelector("#hits");
    this.field.addEventListener("input", () => this.change());
    form.addEventListener("keydown", (e) => this.key(e));
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      this.hits.querySelector("a")?.click();
    });
    form.hidden = false;
    this.field.value = query.read().get("q") ?? "";
    if (this.field.value) this.change();
  }

  focus() {
    this.field.focus();
  }

  key(e) {
    if (e.key === "ArrowDown") this.step(1);
    else if (e.key === "ArrowUp") this.step(-1);
    else if (e.key === "Escape") {
      this.field.value = "";
      this.focus();
      this.change();
    } else return;
    e.preventDefault();
  }

  // step moves the focus from the field through the hits, and back.
  step(by) {
    const stops = [this.field, ...this.hits.querySelectorAll("a")];
    const at = stops.indexOf(document.activeElement);
    stops[Math.min(Math.max(at + by, 0), stops.length - 1)].focus();
  }

  change() {
    this.query.writeSoon(() => this.toQuery());
    return run(this.form, () => this.search());
  }

  toQuery() {
    const query = new URLSearchParams(location.search);
    if (this.field.value.trim()) query.set("q", this.field.value);
    else query.delete("q");
    return query;
  }

  // load gets the index, once. It is null if that fails.
  async load() {
    this.index ??= fetchJSON(this.form.dataset.index);
    const { body } = await this.index;
    if (!body) this.index = undefined;
    return body;
  }

  async search() {
    const text = this.field.value;
    const words = splitWords(text);
    if (!words.length) {
      this.show("", []);
      return;
    }

    const index = await this.load();
    if (text !== this.field.value) return; // the reader types on
    if (!index) {
      this.show("Search is unavailable. Use the table of contents.", []);
      return;
    }

    const found = find(index.sections, words);
    const count = found.length ? counted(found.length, "section") : "No sections";
    this.show(
      found.length > maxHits ? `${count}, showing the best ${maxHits}` : count,
      found.slice(0, maxHits).map((section) => hitItem(section, words)),
    );
  }

  show(text, hits) {
    this.status.textContent = text;
    this.hits.replaceChildren(...hits);
  }
}
