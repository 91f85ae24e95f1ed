// The page that finds slots: asks the live service once, and shows the ways to have what
// was asked for, with the commands that reserve the chosen one.
import { copyAs } from "./copyas.js";
import { copyButton, counted, make, number, run } from "./dom.js";
import { startOf } from "./fill.js";
import { describeData, fetchJSON, restrictedNote, showAge } from "./live.js";
import { Nearby } from "./nearby.js";
import { Possible } from "./possible.js";
import { Reserve } from "./reserve.js";
import { expand } from "./url.js";
import { describeBites, describeFree, describeHardware, describePart, describeQuestion, describeStarts, formatTime, groupWays, heading, keyOf, nodesOf, partsOf, placesOf, typeToReserve } from "./ways.js";
import { otherZone, pageZone, turnZone } from "./zone.js";

const hour = 3600e3;
const month = 30 * 24 * hour; // that is searched
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

    const live = body?.sites ? { sites: new Map(body.sites.map((s) => [s.site_id, s])), demo: body.demonstration === true } : null;
    if (status !== 422) showAge(live, this.now);
    if (status === 422) this.showFaults(body.detail);
    else if (!body) this.showSilence();
    else this.show(body, live);
    this.status.previousElementSibling?.focus();
  }

  showFaults(faults) {
    this.say("st r", "This question has a mistake");
    this.status.textContent = faults.map((f) => `${this.titles.get(f.loc.at(-1)) ?? f.loc.at(-1)}: ${f.msg}`).join("; ");
    document.dispatchEvent(new Event("live")); // the service has answered
  }

  showSilence() {
    this.say("st u", "Not live");
    this.status.textContent = "Slot search is unavailable: the live service is not responding.";
    this.status.after(make("p", {}, make("a", { href: "" }, "Try again")));
  }

  // say puts a heading before the status; it takes the focus.
  say(state, text) {
    this.status.before(make("h2", { tabindex: "-1" }, make("span", { class: state }, text)));
  }

  show({ total, items, ways, nearest = [], most: largest, most_of_parts: ofParts, alternatives }, live) {
    this.items = items;
    // A live service that is older than the page knows no ways.
    ways ??= groupWays(items, this.nodes).map(({ slots: [slot] }) => ({ slot, starts: [{ first: slot.start, last: slot.start }] }));
    this.ways = new Map(ways.map((way) => [keyOf(way.slot, this.nodes), way]));
    this.question = describeQuestion(this.query, this.titles);
    document.title = `${this.question} · ${document.title}`;
    this.status.textContent = total
      ? `${this.question}. Times in ${pageZone().name}.`
      : `No site has ${this.question} in the time that was searched${largest?.all < Number(this.query.get("count")) ? `: there are ${number.format(largest.all)}` : ""}.`;

    const answer = make("div", { class: "answer-to" }, this.head(nearest));
    const more = make("div", { class: "more" });
    const split = make("div", { class: "split" }, answer, more);
    this.root.append(split);
    this.showOutdated(live, answer);

    const near = new Nearby(this);
    if (ways.length) {
      answer.append(this.choices());
      split.classList.add("aside");
      answer.after(make("aside", { "aria-label": "Reserve" }, this.panel));
    } else answer.append(this.nearestQuestions(nearest));
    const others = alternatives?.ways ?? [];
    if (ways.length || others.length) more.append(this.possible(others));
    // With a slot at one site, one at several is no news.
    const misses = nearest.filter(({ let_go: name }) => !ways.length || name !== "same_site");
    if (misses.length) more.append(near.misses(misses));
    if (others.length) more.append(near.alternatives(alternatives));
    if (largest?.rises || ofParts) more.append(near.most({ most: largest, most_of_parts: ofParts }));
    if (ways.length) this.choose();
  }

  // showOutdated says that not all sites have answered of late.
  showOutdated(live, place) {
    const isOld = (site) => site.stale || !site.last_synced;
    if (![...(live?.sites.values() ?? [])].some(isOld)) return;
    const about = make("span", {}, describeData(live, this.now), " ", make("a", { href: "" }, "Try again"));
    place.append(make("div", { class: "notice", role: "note" }, make("span", { class: "st u" }, "Not live"), about));
  }

  head(nearest) {
    const state = this.ways.size ? "st f" : "st r";
    const text = heading([...this.ways], nearest, this.now, Number(this.query.get("count") ?? 1));
    const title = make("h2", { tabindex: "-1" }, make("span", { class: state }, text));
    return make(
      "div",
      { class: "head" },
      make("div", {}, title, this.status),
      make("div", { class: "row" }, this.zoneButton(), this.tellMe(), this.copyAs()),
    );
  }

  zoneButton() {
    const other = otherZone();
    if (!other) return "";
    const button = make("button", { type: "button", class: "quiet" }, `Times in ${other}`);
    button.addEventListener("click", turnZone);
    return button;
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
    const about = `Your feed reader, or your calendar, asks this question again and tells you of ${this.ways.size ? "new slots" : "the first slot"}.`;
    return make(
      "details",
      { class: "menu" },
      make("summary", { class: "btn" }, this.ways.size ? "Tell me of new slots" : "Tell me when it becomes possible"),
      make("div", {}, make("p", { class: "small" }, about), make("p", { id: "tell" }, ...links)),
    );
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
    const first = [...this.ways.values()].map(({ slot }) => slot);
    const isFirst = (slot) => first.some((s) => s.start === slot.start && s.nodes.join() === slot.nodes.join());
    const later = this.items.filter((slot) => !isFirst(slot));
    this.slots = [...first, ...later];
    const set = make("fieldset", { class: "panel slots" }, make("legend", { class: "vh" }, "Slots"));
    set.append(...first.map((slot, i) => this.choice(slot, i)));
    if (later.length)
      set.append(
        make(
          "details",
          {},
          make("summary", {}, `${counted(later.length, "later slot")}`),
          ...later.map((slot, i) => this.choice(slot, first.length + i)),
        ),
      );
    set.querySelector("input").checked = true;
    set.addEventListener("change", () => this.choose());
    return set;
  }

  choice(slot, i) {
    const way = this.ways.get(keyOf(slot, this.nodes));
    const hardware = this.hardware(slot);
    const notes = [describeStarts(slot, way, this.searched), describeFree(slot, this.now), describeBites(slot, way)];
    return make(
      "label",
      { class: "slot" },
      make("input", { type: "radio", name: "slot", value: i }),
      make(
        "span",
        {},
        make("span", { class: "t" }, this.time(slot)),
        make("span", { class: "d" }, ...this.places(slot), hardware ? `: ${hardware}` : ""),
        make("span", { class: "d" }, notes.filter(Boolean).join(" ")),
      ),
      make(
        "span",
        { class: "fa" },
        make("strong", {}, number.format(slot.candidates)),
        way?.nodes ? `/${number.format(way.nodes)} free` : " could serve",
      ),
    );
  }

  // nearestQuestions are the nearest ones that have an answer, one click away.
  nearestQuestions(all) {
    const link = ({ let_go: name, query, slot }) => {
      const asked = new URLSearchParams(query);
      const what = {
        count: () => describePart(new URLSearchParams([["count", asked.get("count")], ["unit", asked.get("unit") ?? ""]])),
        hours: () => counted(Number(asked.get("hours")), "hour"),
        before: () => "The same",
        after: () => "The same",
      }[name];
      return what && make("a", { class: "btn", href: `?${query}` }, `${what()}, from ${formatTime(Date.parse(slot.start), this.now)}`);
    };
    const links = all.map(link).filter(Boolean);
    return links.length ? make("p", { class: "row" }, ...links) : "";
  }

  // possible shows when the question can be met, in each way, and with other hardware.
  possible(others) {
    const textOf = ({ slot }) => {
      const types = placesOf(slot, this.nodes).flatMap((place) => place.types.map(([type]) => type || "no type"));
      return [...new Set(types)].join(", ");
    };
    const all = [...this.ways.values(), ...others].map(textOf);
    const row = (way) => {
      const text = textOf(way);
      const isAlone = all.filter((other) => other === text).length === 1;
      const name = make("span", { class: "name" }, isAlone ? text : `${text}, ${this.sitesOf(way.slot).join(", ")}`);
      return { name, key: keyOf(way.slot, this.nodes), way };
    };
    const groups = [["As asked", [...this.ways.values()].map(row)], ["As large or larger", others.map(row)]];
    this.picture = new Possible(groups, { length: this.length, searched: this.searched, now: this.now });
    return this.picture.root;
  }

  // length is that of a slot, in milliseconds.
  get length() {
    return Number(this.query.get("hours") ?? 1) * hour;
  }

  get duration() {
    return counted(this.length / hour, "hour");
  }

  get isSameSite() {
    return /^(true|1|yes|on)$/i.test(this.query.get("same_site") ?? "");
  }

  // searched is the time in which slots are looked for. The API reads times as UTC.
  get searched() {
    const read = (name, otherwise) => {
      const text = this.query.get(name) ?? "";
      const time = Date.parse(/^\d{4}-\d\d-\d\d$|Z$|[+-]\d\d:?\d\d$/i.test(text) ? text : `${text}Z`);
      return Number.isNaN(time) ? otherwise : time;
    };
    const from = Math.max(this.now, read("after", this.now));
    return [from, read("before", from + month)];
  }

  describePart(i) {
    return describePart(partsOf(this.query)[i] ?? new URLSearchParams(), this.titles);
  }

  hardware(slot) {
    return describeHardware(slot, this.nodes);
  }

  sitesOf(slot) {
    return placesOf(slot, this.nodes).map(({ site }) => this.sites.get(site)?.name ?? site);
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
    const slot = this.slots[this.root.querySelector("input[name=slot]:checked").value];
    this.picture?.choose(keyOf(slot, this.nodes), slot);
    const type = typeToReserve(slot);
    const count = slot.nodes.length;
    const list = make("ul", { class: "nodes" }, ...slot.nodes.map((uid) => this.nodeLink(uid, slot)));
    this.chosen.replaceChildren(
      make("p", { class: "small" }, make("b", {}, this.time(slot))),
      count > firstNodes ? make("details", {}, make("summary", {}, counted(count, "node")), list) : list,
      make(
        "p",
        { class: "small" },
        type ? `Any ${counted(count, "node")} of type ${type} will be reserved.` : `Exactly ${count === 1 ? "this node" : "these nodes"} will be reserved.`,
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
