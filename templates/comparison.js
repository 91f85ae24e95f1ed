// The comparison of nodes or types: their pages' facts side by side.
import { counted, make } from "./dom.js";
import { fetchAvailability, fetchJSON } from "./live.js";
import { maxCompared } from "./picks.js";
import { ReserveForm } from "./reserve_form.js";
import { freeTogether } from "./together.js";
import { expand, joinList } from "./url.js";
import { formatTime, nameSite } from "./ways.js";
import { pageZone } from "./zone.js";

// readNames reads the names that a URL's query has in a list. A comma in a name is
// escaped, so the list is split before it is decoded.
export const readNames = (search, what) => {
  const list = new RegExp(`[?&]${what}=([^&]*)`).exec(search)?.[1] ?? "";
  const names = list
    .split(",")
    .filter(Boolean)
    .slice(0, maxCompared)
    .map((text) => {
      try {
        return decodeURIComponent(text);
      } catch {
        return text;
      }
    });
  return [...new Set(names)];
};

// mergeFacts aligns the facts of things (section → name → text). It returns all
// sections with their rows: a name, the text of each thing, and whether they
// differ.
export const mergeFacts = (facts) => {
  const names = (maps) => new Set(maps.flatMap((map) => [...(map?.keys() ?? [])]));
  return [...names(facts)].map((title) => ({
    title,
    rows: [...names(facts.map((sections) => sections.get(title)))].map((name) => {
      const texts = facts.map((sections) => sections.get(title)?.get(name) ?? "");
      return { name, texts, differs: texts.some((text) => text !== texts[0]) };
    }),
  }));
};

// readFacts reads the page of a node or of a type: section → name → text. The
// rows of tables are facts of nodes only: those of a type's page are its nodes. Details of a
// node's hardware have headings of their own.
const readFacts = (html, what) => {
  const sections = new Map();
  for (const heading of new DOMParser().parseFromString(html, "text/html").querySelectorAll("main h2, .hw > h3")) {
    const facts = new Map();
    for (let e = heading.nextElementSibling; e && !["H2", "H3"].includes(e.tagName); e = e.nextElementSibling) {
      if (e.classList.contains("hw")) continue;
      for (const dt of e.querySelectorAll("dt")) facts.set(dt.textContent, dt.nextElementSibling.textContent);
      if (what === "nodes")
        e.querySelectorAll("tbody tr").forEach((tr, i) =>
          facts.set(
            String(i + 1),
            [...tr.cells]
              .map((c) => c.textContent)
              .filter(Boolean)
              .join(" · "),
          ),
        );
    }
    if (facts.size) sections.set(heading.textContent, facts);
  }
  return sections;
};

// tableOf draws things side by side, and marks where they differ.
const tableOf = (things, sections) => {
  const head = make(
    "tr",
    {},
    make("td"),
    ...things.map((t) => make("th", { scope: "col" }, make("a", { href: t.page }, t.name))),
  );
  const mark = () => make("span", { class: "mark", role: "img", "aria-label": "differs" }, " ≠");
  const row = ({ name, texts, differs }) =>
    make(
      "tr",
      { class: differs ? "differs" : "same" },
      make("th", { scope: "row" }, name, differs ? mark() : ""),
      ...texts.map((text) => make("td", {}, text || "–")),
    );
  return make(
    "table",
    { class: "compare" },
    make("thead", {}, head),
    ...sections.map(({ title, rows }) =>
      make(
        "tbody",
        {},
        make("tr", { class: "section" }, make("th", { scope: "rowgroup", colspan: things.length + 1 }, title)),
        ...rows.map(row),
      ),
    ),
  );
};

const failed = "could not be loaded. Try reloading the page.";

// Comparison shows in a root element the nodes or types that a URL's query names.
export class Comparison {
  constructor(root, search) {
    Object.assign(this, { root, search });
    this.status = root.querySelector("[role=status]");
    this.what = /[?&]types=/.test(search) ? "types" : "nodes";
  }

  async start() {
    const { body: index } = await fetchJSON(this.root.dataset.index);
    if (!index) {
      this.status.textContent = `The list of nodes ${failed}`;
      return;
    }

    const wanted = this.find(index);
    const things = (await Promise.all(wanted.map((thing) => this.load(thing)))).filter(Boolean);
    if (things.length >= 2) {
      this.show(things);
      if (this.what === "types") this.linkSlots(wanted);
      else await this.showTogether(wanted);
    }
    else if (wanted.length >= 2) this.status.textContent = `Some of these ${this.what} ${failed}`;
    else
      this.status.textContent = "Select two to four nodes in the list of all nodes, or node types on a site's page.";
  }

  // find returns the names and pages of what is to be compared.
  find(index) {
    const { uid, name, type, pages, site, cluster } = index;
    const [all, labels] = this.what === "types" ? [type.names, type.names] : [uid, name];
    const page = (i) =>
      this.what === "types"
        ? pages[i]
        : expand(this.root.dataset.node, site.names[site.of[i]], cluster.names[cluster.of[i]], uid[i]);
    return readNames(this.search, this.what)
      .map((text) => all.indexOf(text))
      .filter((i) => i >= 0)
      .map((i) => ({ uid: uid[i], name: labels[i], page: page(i), site: site.names[site.of[i]], siteName: nameSite(index, i) }));
  }

  // linkSlots links to the search for a slot with a node of each type.
  linkSlots(types) {
    const query = new URLSearchParams();
    types.forEach(({ name }, i) => {
      query.set(i ? `${i + 1}.node_type` : "node_type", joinList([name]));
      query.set(i ? `${i + 1}.count` : "count", 1);
    });
    query.set("hours", 24);
    query.set("same_site", true);
    const href = `${this.root.dataset.find}?${query}`;
    this.root.append(make("p", {}, make("a", { class: "btn", href }, "Find a slot with a node of each type")));
  }

  // showTogether says when nodes are free together, at each site, and how to reserve them.
  async showTogether(nodes) {
    const url = new URL(this.root.dataset.live, location.href);
    url.searchParams.set("node_id", nodes.map(({ uid }) => joinList([uid])).join(","));
    const live = await fetchAvailability(url);
    const panel = document.getElementById("reserve");
    const together = make("p", { role: "status" });
    panel.querySelector("form").before(together);

    const select = panel.querySelector("select");
    const sites = new Map(nodes.map(({ site, siteName }) => [site, siteName]));
    select.append(...[...sites].map(([site, name]) => make("option", { value: site }, name)));
    select.parentElement.hidden = sites.size < 2;

    const form = new ReserveForm(panel, ({ site, from, length }) => {
      const here = nodes.filter((node) => node.site === site);
      const items = live?.items.filter(({ node_id: id }) => here.some(({ uid }) => uid === id)) ?? [];
      const names = here.map(({ name }) => name).join(", ");
      const { start } = items.length === here.length ? freeTogether(items, from, length) : {};
      const many = here.length > 1 ? " together" : "";
      together.textContent =
        start === undefined
          ? `${names}: not known to be free${many}.`
          : `${names}: free${many} from ${start - Date.now() < 60e3 ? "now" : `${formatTime(start, Date.now())} ${pageZone().name}`}.`;
      const time = start === undefined || start === from ? {} : { start, end: start + length };
      return { nodes: here, ...time };
    });
    form.update();
  }

  // load reads a page. It returns null where there is none, or no network.
  async load({ name, page }) {
    const response = await fetch(page).catch(() => null);
    return response?.ok ? { name, page, facts: readFacts(await response.text(), this.what) } : null;
  }

  show(things) {
    const sections = mergeFacts(things.map((t) => t.facts));
    const differences = sections.flatMap(({ rows }) => rows).filter((row) => row.differs).length;
    const table = tableOf(things, sections);
    const only = make("input", { type: "checkbox" });
    only.addEventListener("change", () => table.classList.toggle("only", only.checked));

    this.status.textContent = differences ? `${counted(differences, "difference")}, marked ≠.` : "No differences.";
    this.root.append(
      make("label", { class: "check" }, only, "Show differences only"),
      make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Comparison" }, table),
    );
  }
}
