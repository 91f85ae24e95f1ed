// Comparing: chooses two to four nodes or types, and shows them side by side.
import { pathOf } from "./address.js";
import { make } from "./dom.js";
import { ask } from "./live.js";

const mostCompared = 4;

// Picks are the nodes or types that one chooses to compare.
export class Picks {
  constructor(place, query, what) {
    Object.assign(this, { place, query, what, chosen: new Set(), link: make("a"), status: make("span", { role: "status" }) });
    place.append(this.link, " ", this.status);
  }

  // pick takes one to those to compare, or off them.
  pick(name, box) {
    const full = box.checked && this.chosen.size >= mostCompared;
    if (full) box.checked = false;
    else if (box.checked) this.chosen.add(name);
    else this.chosen.delete(name);
    this.show();
    this.status.textContent = full ? "Four at the most." : "";
  }

  show() {
    this.place.hidden = this.chosen.size < 2 || this.chosen.size > mostCompared;
    const names = [...this.chosen].map(encodeURIComponent).join(",");
    this.link.href = `${this.place.dataset.compare}?${this.query}=${names}`;
    this.link.textContent = `Compare the ${this.chosen.size} chosen ${this.what}`;
  }

  // box is a checkbox that picks what its name is at the time.
  box(name) {
    const box = make("input", { type: "checkbox" });
    box.addEventListener("change", () => this.pick(name(), box));
    return box;
  }
}

// typePicks lets one choose types in the table of a place.
const typePicks = (table) => {
  if (table.tBodies[0].rows.length < 2) return;
  const picks = new Picks(table.parentElement.previousElementSibling, "types", "types");
  for (const row of table.tBodies[0].rows) {
    const box = picks.box(() => row.dataset.type);
    box.setAttribute("aria-label", `Compare ${row.dataset.type}`);
    row.cells[0].prepend(box);
  }
};

// factsOf reads the page of a node or of a type: section → name → text. Tables
// count for nodes alone: those of types are of their nodes.
const factsOf = (text, tables) => {
  const sections = new Map();
  for (const heading of new DOMParser().parseFromString(text, "text/html").querySelectorAll("main h2")) {
    const facts = new Map();
    for (let e = heading.nextElementSibling; e && e.tagName !== "H2"; e = e.nextElementSibling) {
      for (const dt of e.querySelectorAll("dt")) facts.set(dt.textContent, dt.nextElementSibling.textContent);
      if (tables) e.querySelectorAll("tbody tr").forEach((tr, i) => facts.set(String(i + 1), [...tr.cells].map((c) => c.textContent).filter(Boolean).join(" · ")));
    }
    if (facts.size) sections.set(heading.textContent, facts);
  }
  return sections;
};

// compared draws things side by side, and marks where they differ.
const compared = (things) => {
  const head = make("tr", {}, make("td"), ...things.map((t) => make("th", { scope: "col" }, make("a", { href: t.page }, t.name))));
  const table = make("table", { class: "compare" }, make("thead", {}, head));
  for (const section of new Set(things.flatMap((t) => [...t.facts.keys()]))) {
    const body = make("tbody", {}, make("tr", { class: "section" }, make("th", { scope: "rowgroup", colspan: things.length + 1 }, section)));
    for (const name of new Set(things.flatMap((t) => [...(t.facts.get(section)?.keys() ?? [])]))) {
      const texts = things.map((t) => t.facts.get(section)?.get(name) ?? "");
      const differs = texts.some((text) => text !== texts[0]);
      body.append(make("tr", { class: differs ? "differs" : "same" },
        make("th", { scope: "row" }, name, differs ? make("span", { class: "mark", role: "img", "aria-label": "differs" }, " ≠") : ""), ...texts.map((text) => make("td", {}, text || "–"))));
    }
    table.append(body);
  }
  return table;
};

// wanted are the names that the address has in a list.
const wanted = (query) => {
  const texts = (new RegExp(`[?&]${query}=([^&]*)`).exec(location.search)?.[1] ?? "").split(",").filter(Boolean).slice(0, mostCompared);
  return [...new Set(texts.map((text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }))];
};

const lost = "could not be loaded. Loading the page again may help.";

// comparison fills the page that compares the nodes or the types in its address.
const comparison = async (root) => {
  const status = root.querySelector("[role=status]");
  const { body: index } = await ask(root.dataset.index);
  if (!index) {
    status.textContent = `The list of nodes ${lost}`;
    return;
  }
  const { site, cluster } = index;
  const [what, names, pageAt] = /[?&]types=/.test(location.search)
    ? ["types", index.type.names, (i) => index.pages[i]]
    : ["nodes", index.uid, (i) => pathOf(root.dataset.node, site.names[site.of[i]], cluster.names[cluster.of[i]], index.uid[i])];
  const at = wanted(what).map((name) => names.indexOf(name)).filter((i) => i >= 0);
  const things = (await Promise.all(at.map(async (i) => {
    const page = pageAt(i);
    const answer = await fetch(page).catch(() => null); // null without a network
    return answer?.ok ? { page, name: what === "types" ? names[i] : index.name[i], facts: factsOf(await answer.text(), what === "nodes") } : null;
  }))).filter(Boolean);
  if (things.length < 2) {
    status.textContent = at.length < 2
      ? "Choose two to four nodes in the list of all nodes, or types on the page of a site."
      : `Some of these ${what} ${lost}`;
    return;
  }
  const table = compared(things);
  const n = table.querySelectorAll(".differs").length;
  status.textContent = `${things.length} ${what} differ in ${n} ${n === 1 ? "thing" : "things"}, marked ≠.`;
  const only = make("input", { type: "checkbox" });
  only.addEventListener("change", () => table.classList.toggle("only", only.checked));
  root.append(make("label", { class: "check" }, only, "Only what differs"),
    make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Comparison" }, table));
};

const root = document.getElementById("compare");
if (root) comparison(root);
document.querySelectorAll("table.types").forEach(typePicks);
