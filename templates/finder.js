// The page that finds slots: asks the live service once, and shows the ways to have what
// was asked for, with the commands that reserve the chosen one.
import { copyAs } from "./copyas.js";
import { copyButton, counted, make, number, run } from "./dom.js";
import { startOf } from "./fill.js";
import { fetchJSON, restrictedNote } from "./live.js";
import { Reserve } from "./reserve.js";
import { expand } from "./url.js";
import { describeFree, describeHardware, describeLetGo, describeQuestion, formatTime, groupWays, heading, nodesOf, placesOf, typeToReserve } from "./ways.js";

const most = 100; // slots that are asked for
const firstNodes = 8; // names that are shown at once

// What is behind the URL of a search, by the names of forms of its answer.
const feeds = { Atom: ".atom", "JSON Feed": ".feed.json", Calendar: ".ics" };

// askURL is the URL of a search with a page's query, which asks for more slots than one
// does by default.
export const askURL = (base, query) => {
  const url = new URL(base);
  url.search = query.toString();
  if (!query.has("limit")) url.searchParams.set("limit", most);
  url.searchParams.set("nearest", "true");
  return url;
};

// command is a text to copy, under its title.
const command = (title, text) => {
  const pre = make("pre", { tabindex: "0", role: "group", "aria-label": title }, text);
  return [make("p", { class: "row" }, make("b", {}, title), copyButton(pre)), pre];
};

// Finder shows the answer to a query in a root element. Titles are what the form calls
// parameters.
export class Finder {
  constructor(root, { query, titles, now }) {
    Object.assign(this, { root, query, titles, now });
    this.status = root.querySelector("[role=status]");
    this.base = new URL(root.dataset.slots, location.href);
  }

  async start() {
    this.status.textContent = "Searching …";
    this.panel = this.makePanel();
    const [{ status, body }, index, [, sites]] = await Promise.all([
      fetchJSON(askURL(this.base, this.query)),
      fetchJSON(this.root.dataset.index),
      this.reserve.load(),
    ]);
    if (!index.body) throw new Error("the list of nodes could not be loaded");
    this.nodes = nodesOf(index.body);
    this.sites = sites;

    if (status === 422) this.showFaults(body.detail);
    else if (!body) this.status.textContent = "Slot search is unavailable: the live service is not responding.";
    else this.show(body);
  }

  showFaults(faults) {
    this.status.textContent = faults.map((f) => `${f.loc.at(-1)}: ${f.msg}`).join("; ");
  }

  show({ total, items, nearest = [], most: largest }) {
    this.items = items;
    this.ways = groupWays(items, this.nodes);
    const question = describeQuestion(this.query, this.titles);
    this.status.textContent = total
      ? `${counted(total, "slot")} found for ${question}. Times in UTC.`
      : `No site has ${question} in the time that was searched.`;
    const answer = make("div", {}, this.head(nearest));
    const split = make("div", { class: "split" }, answer);
    this.root.append(split);
    if (this.ways.length) answer.append(this.choices());
    if (largest) answer.append(this.largest(largest));
    // With a slot at one site, one at several is no news.
    const near = nearest.filter(({ let_go: name }) => !this.ways.length || name !== "same_site");
    if (near.length) answer.append(this.nearest(near));
    answer.append(this.tellMe());
    if (!this.ways.length) return;

    split.classList.add("aside");
    split.append(make("aside", { "aria-label": "Reserve" }, this.panel));
    this.choose();
  }

  head(nearest) {
    const state = this.ways.length ? "st f" : "st r";
    return make(
      "div",
      { class: "head" },
      make("div", {}, make("h2", {}, make("span", { class: state }, heading(this.ways, nearest))), this.status),
      this.copyAs(),
    );
  }

  // tellMe links the question as feeds and as a calendar, which a reader's program asks again.
  tellMe() {
    const link = ([title, suffix]) => {
      const url = new URL(this.base);
      url.pathname += suffix;
      url.search = this.query.toString();
      return make("a", { href: url.href }, title);
    };
    const links = Object.entries(feeds).flatMap((feed, i) => [i ? ", " : " ", link(feed)]);
    return make("p", { class: "small", id: "tell" }, "Tell me of slots for this question:", ...links);
  }

  // copyAs is the question as a URL and as programs that ask it.
  copyAs() {
    const texts = Object.entries(copyAs(this.base.pathname, this.query, this.base.origin));
    return make(
      "details",
      { class: "menu" },
      make("summary", { class: "btn" }, "Copy as …"),
      make("div", {}, ...texts.flatMap(([title, text]) => command(title, text))),
    );
  }

  // choices are the first slot of each way, and then the later ones.
  choices() {
    const first = this.ways.map((way) => this.choice(way.slots[0]));
    const later = this.ways.flatMap((way) => way.slots.slice(1));
    later.sort((a, b) => (a.start < b.start ? -1 : 1));
    const set = make("fieldset", { class: "panel slots" }, make("legend", { class: "vh" }, "Slots"), ...first);
    if (later.length)
      set.append(
        make(
          "details",
          {},
          make("summary", {}, `${counted(later.length, "later slot")}`),
          ...later.map((slot) => this.choice(slot)),
        ),
      );
    set.querySelector("input").checked = true;
    set.addEventListener("change", () => this.choose());
    return set;
  }

  choice(slot) {
    const radio = make("input", { type: "radio", name: "slot", value: this.items.indexOf(slot) });
    return make(
      "label",
      { class: "slot" },
      radio,
      make(
        "span",
        {},
        make("span", { class: "t" }, this.time(slot)),
        make("span", { class: "d" }, ...this.places(slot)),
        make("span", { class: "d" }, describeHardware(slot, this.nodes)),
        make("span", { class: "d" }, describeFree(slot, this.now)),
      ),
      make("span", { class: "fa" }, make("strong", {}, number.format(slot.candidates)), " could serve"),
    );
  }

  // nearest are questions that differ in one thing and have a slot.
  nearest(all) {
    const row = ({ let_go: name, query, slot }) => {
      const asked = new URLSearchParams(query);
      return make(
        "tr",
        {},
        make("th", { scope: "row" }, describeLetGo(name, this.query, asked, this.titles)),
        make("td", {}, ...this.places(slot)),
        make("td", {}, this.time(slot)),
        make("td", { class: "num" }, make("a", { href: `?${query}` }, "Ask so")),
      );
    };
    const titles = ["Let go", "What", "When"].map((title) => make("th", { scope: "col" }, title));
    const last = make("th", { scope: "col" }, make("span", { class: "vh" }, "Action"));
    return make(
      "section",
      { "aria-labelledby": "near" },
      make("h2", { id: "near" }, "Near misses"),
      make("p", {}, "One condition of yours let go."),
      make(
        "div",
        { class: "scroll", tabindex: "0", role: "group", "aria-label": "Near misses" },
        make(
          "table",
          {},
          make("thead", {}, make("tr", {}, ...titles, last)),
          make("tbody", {}, ...all.map(row)),
        ),
      ),
    );
  }

  // largest says how many are free together at most.
  largest({ count, slot }) {
    const unit = this.query.get("unit") === "gpus" ? "GPU" : "node";
    return make(
      "section",
      { "aria-labelledby": "most" },
      make("h2", { id: "most" }, "How many at most"),
      make(
        "p",
        {},
        `${counted(count, unit)} together for that long, first from ${this.time(slot)}: `,
        ...this.places(slot),
        ".",
      ),
    );
  }

  // places say how many nodes of which types a slot has at which sites.
  places(slot) {
    return placesOf(slot, this.nodes).flatMap(({ site, types }, i) => [
      i ? "; " : "",
      make("b", {}, types.map(([type, n]) => `${n} × ${type || "without a type"}`).join(", ")),
      " at ",
      make("bdi", {}, this.sites.get(site)?.name ?? site),
    ]);
  }

  time({ start, end }) {
    return `${formatTime(Date.parse(start), this.now)} – ${formatTime(Date.parse(end), this.now)}`;
  }

  // makePanel makes what says how to reserve the chosen slot.
  makePanel() {
    const { snippets, sites } = this.root.dataset;
    const root = make("section", {
      class: "panel reserve",
      id: "reserve",
      "aria-labelledby": "reserve-title",
      "data-snippets": snippets,
      "data-sites": sites,
    });
    this.chosen = make("div");
    root.append(make("h2", { id: "reserve-title" }, "Reserve this slot"), this.chosen);
    this.reserve = new Reserve(root);
    root.append(make("p", { class: "small muted" }, "A slot is not held for you until the lease exists."));
    return root;
  }

  // choose shows the chosen slot in the panel.
  choose() {
    const slot = this.items[this.root.querySelector("input[name=slot]:checked").value];
    const type = typeToReserve(slot);
    const count = slot.nodes.length;
    const list = make("ul", { class: "nodes" }, ...slot.nodes.map((uid) => this.nodeLink(uid, slot)));
    this.chosen.replaceChildren(
      make("p", { class: "small" }, make("b", {}, this.time(slot))),
      count > firstNodes ? make("details", {}, make("summary", {}, counted(count, "node")), list) : list,
      make(
        "p",
        { class: "small" },
        type ? `Any ${counted(count, "node")} of type ${type} will be reserved.` : "Exactly these nodes will be reserved.",
      ),
    );
    run(this.reserve.root, () => this.reserve.show(this.choiceOf(slot, type), this.now));
  }

  // choiceOf is what to reserve for a slot: so many nodes of a type, or exactly its nodes.
  choiceOf(slot, type) {
    const nodes = slot.nodes.map((uid) => ({ uid, name: this.nodes.get(uid)?.name }));
    return {
      site: slot.site_id ?? "",
      ...(type ? { type } : { nodes }),
      count: nodes.length,
      start: startOf(Date.parse(slot.start), this.now),
      end: Date.parse(slot.end),
    };
  }

  nodeLink(uid, slot) {
    const node = this.nodes.get(uid);
    const href = node && expand(this.root.dataset.node, node.site, node.cluster, uid);
    const restricted = slot.kept_for_projects?.includes(uid) ? ` (${restrictedNote})` : "";
    return make("li", {}, node ? make("a", { href }, node.name) : uid, restricted);
  }
}

// find shows the answer to a page's query.
export const find = (root, query, titles) =>
  run(root, () => new Finder(root, { query, titles, now: Date.now() }).start());
