// The form that finds slots: when so many nodes are free together for so long, and
// the commands that reserve them.
import { copyButton, counted, make, run } from "./dom.js";
import { pythonProgram, shellCommand } from "./lease.js";
import { fetchJSON, isByFlavor, restrictedNote } from "./live.js";
import { joinList, readList } from "./url.js";
import { Zone } from "./zone.js";

const hour = 3600e3;
const limit = 5; // slots that are shown
const withinDays = 30; // slots start in so many days

// Parameters of the list and of slots that choose no nodes.
const others = new Set(["sort", "count", "hours", "after", "before", "same_site", "offset", "limit"]);

// filtersOf are the parameters of a query that choose nodes. Pages, searches and
// slots have the same.
const filtersOf = (query) => [...new Set(query.keys())].filter((name) => !others.has(name));

// slotsURL adds what to search for to the URL of slots. Filter is the query of the
// page.
export const slotsURL = (base, filter, { count, hours }, now) => {
  const url = new URL(base);
  for (const name of filtersOf(filter)) {
    const values = filter.getAll(name).filter(Boolean);
    if (values.length) url.searchParams.set(name, values.join(","));
  }
  url.searchParams.set("count", count);
  url.searchParams.set("hours", hours);
  url.searchParams.set("before", new Date(now + (24 * withinDays + hours) * hour).toISOString());
  url.searchParams.set("same_site", "true"); // a lease is of one site
  url.searchParams.set("limit", limit);
  return url;
};

// describeSlots says what a search has found.
export const describeSlots = (query, { total, items }, filtered) => {
  const hours = counted(Number(query.get("hours")), "hour");
  const chosen = filtered
    ? filtersOf(query)
        .filter((name) => name !== "node_type")
        .map((name) => `${name} ${readList(query, name).join(" or ")}`)
        .join(", ")
    : "";
  const type = readList(query, "node_type").join(" or ");
  const nodes = counted(Number(query.get("count")), type ? `${type} node` : "node") + (chosen && ` (${chosen})`);

  if (!total) return `No site has ${nodes} free for ${hours} starting within the next ${withinDays} days.`;
  if (total > items.length)
    return `The first ${items.length} of ${counted(total, "slot")} found for ${nodes}, ${hours}.`;
  return `${counted(total, "slot")} found for ${nodes}, ${hours}.`;
};

// onlyType is the node type of a search for slots, null where it asks for more
// than one type.
export const onlyType = (query) => {
  const types = readList(query, "node_type");
  const onlyTypes = filtersOf(query).every((name) => name === "node_type" || name === "site_id");
  return types.length === 1 && onlyTypes ? types[0] : null;
};

const command = (title, text) => {
  const pre = make("pre", { tabindex: "0", role: "group", "aria-label": title }, text);
  return [make("p", { class: "tools" }, make("b", {}, title), copyButton(pre)), pre];
};

// Slots is the form, in a root element with the URL of slots. In the list the
// page's filter is part of a search.
export class Slots {
  constructor(root, { items, query, link }) {
    Object.assign(this, { root, query, link });
    this.url = new URL(root.dataset.slots, location.href);
    this.filtered = root.dataset.filtered !== undefined;
    this.items = new Map(items.map((item) => [item.node_id, item]));
    this.types = [...new Set(items.filter((item) => !isByFlavor(item)).map((item) => item.node_type))]
      .filter((t) => t !== null)
      .sort();
    this.hasTypes = !this.filtered && !this.url.searchParams.has("node_type");
    this.build();
  }

  build() {
    this.count = make("input", { type: "number", name: "count", min: 1, max: 10000, value: 1, required: true });
    this.hours = make("input", { type: "number", name: "hours", min: 1, max: 24 * 366, value: 24, required: true });
    this.type = make(
      "select",
      { name: "node_type" },
      make("option", { value: "" }, "Any"),
      ...this.types.map((t) => make("option", { value: t }, t)),
    );
    this.form = make(
      "form",
      { class: "tools slots" },
      make("label", {}, "Nodes ", this.count),
      make("label", {}, "Hours ", this.hours),
      ...(this.hasTypes ? [make("label", {}, "Type ", this.type)] : []),
      make("button", {}, "Find slots"),
    );
    this.status = make("p", { role: "status" });
    this.list = make("ol", { class: "found" });
    this.root.append(this.form, this.status, this.list);
    this.root.hidden = false;
    this.form.addEventListener("submit", (e) => {
      e.preventDefault();
      this.keep();
      this.search();
    });
  }

  // start searches for what the page's URL asks for.
  start() {
    const query = this.query.read();
    if (!query.has("count") || !query.has("hours")) return;
    this.count.value = query.get("count");
    this.hours.value = query.get("hours");
    const [type] = readList(query, "node_type");
    if (this.hasTypes) this.type.value = this.types.includes(type) ? type : "";
    if (this.root.tagName === "DETAILS") this.root.open = true;
    if (this.form.checkValidity()) this.search();
  }

  // keep puts the search into the page's URL.
  keep() {
    const query = this.query.read();
    query.set("count", this.count.value);
    query.set("hours", this.hours.value);
    if (this.hasTypes) query.set("node_type", joinList([this.type.value]));
    this.query.write(query);
  }

  // filter is the query that chooses nodes.
  filter() {
    if (this.filtered) return this.query.read();
    return new URLSearchParams(this.hasTypes && this.type.value ? { node_type: joinList([this.type.value]) } : {});
  }

  search() {
    return run(this.root, () => this.find());
  }

  async find() {
    const url = slotsURL(
      this.url,
      this.filter(),
      { count: this.count.value, hours: this.hours.valueAsNumber },
      Date.now(),
    );
    this.asked = url;
    this.show("Searching …");
    const { status, body } = await fetchJSON(url);
    if (this.asked !== url) return; // another search came after it

    if (status === 422) this.show(body.detail.map((d) => `${d.loc.at(-1)}: ${d.msg}`).join("; "));
    else if (!body) this.show("Slot search is unavailable: the live service is not responding.");
    else {
      const type = onlyType(url.searchParams);
      this.show(
        describeSlots(url.searchParams, body, this.filtered),
        ...body.items.map((slot) => this.slot(slot, type)),
      );
    }
  }

  show(text, ...slots) {
    this.status.textContent = text;
    this.list.replaceChildren(...slots);
  }

  // isMixed reports whether Blazar might choose a host of virtual machines for a
  // type at a site.
  isMixed(type, site) {
    return [...this.items.values()].some(
      (item) => isByFlavor(item) && item.node_type === type && item.site_id === site,
    );
  }

  slot(slot, onlyType) {
    const type = this.isMixed(onlyType, slot.site_id) ? null : onlyType;
    const now = Date.now();
    const [local, utc] = [new Zone(false), new Zone(true)].map(
      (zone) => `${zone.full(Date.parse(slot.start))} to ${zone.full(Date.parse(slot.end))}, ${zone.name}`,
    );
    const nodes = make("ul", { class: "nodes" }, ...slot.nodes.map((uid) => this.node(uid, slot)));
    const many = slot.nodes.length > 8;
    const count = counted(slot.nodes.length, "node");

    return make(
      "li",
      {},
      make(
        "p",
        {},
        make("b", {}, local),
        ...(local === utc ? [] : [make("br"), make("span", { class: "quiet" }, utc)]),
      ),
      make("p", {}, `${count} at `, make("bdi", {}, slot.site_id), many ? "" : ":"),
      many ? make("details", {}, make("summary", {}, "Nodes"), nodes) : nodes,
      make(
        "details",
        {},
        make("summary", {}, "How to reserve"),
        make(
          "p",
          {},
          type ? `Blazar picks any ${count} of this type.` : "Reserves exactly these nodes.",
          " Both need python-blazarclient and an account at ",
          make("bdi", {}, slot.site_id),
          ".",
        ),
        ...command("Command line", shellCommand(slot, type, now)),
        ...command("Python", pythonProgram(slot, type, now)),
      ),
    );
  }

  node(uid, slot) {
    const item = this.items.get(uid);
    return make(
      "li",
      {},
      item ? make("a", { href: this.link(item) }, item.node_name ?? uid) : uid,
      ...(slot.kept_for_projects?.includes(uid) ? [" ", make("span", { class: "quiet" }, `(${restrictedNote})`)] : []),
    );
  }
}
