// The page that finds slots: asks the live service once, and shows the ways to have what
// was asked for, with the commands that reserve the chosen one.
import { copyButton, counted, make, run } from "./dom.js";
import { pythonProgram, shellCommand } from "./lease.js";
import { fetchJSON, restrictedNote } from "./live.js";
import { javascript, python } from "./snippets.js";
import { expand } from "./url.js";
import { describeFree, describeQuestion, formatTime, groupWays, heading, nodesOf, onlyType } from "./ways.js";

const most = 100; // slots that are asked for
const firstNodes = 8; // names that are shown at once

// slotsURL is the URL of a search with a page's query.
export const slotsURL = (base, query) => {
  const url = new URL(base);
  url.search = query.toString().replaceAll("%2C", ",");
  return url;
};

// askURL asks for more slots than a search does by default.
const askURL = (url) => {
  const more = new URL(url);
  if (!more.searchParams.has("limit")) more.searchParams.set("limit", most);
  return more;
};

// command is a text to copy, under its title.
const command = (title, text) => {
  const pre = make("pre", { tabindex: "0", role: "group", "aria-label": title }, text);
  return [make("p", { class: "row" }, make("b", {}, title), copyButton(pre)), pre];
};

// Finder shows the answer to a query in a root element.
export class Finder {
  constructor(root, query, now) {
    Object.assign(this, { root, query, now });
    this.status = root.querySelector("[role=status]");
    this.url = slotsURL(new URL(root.dataset.slots, location.href), query);
  }

  async start() {
    this.status.textContent = "Searching …";
    const [{ status, body }, index] = await Promise.all([
      fetchJSON(askURL(this.url)),
      fetchJSON(this.root.dataset.index),
    ]);
    if (!index.body) throw new Error("the list of nodes could not be loaded");
    this.nodes = nodesOf(index.body);

    if (status === 422) this.showFaults(body.detail);
    else if (!body) this.status.textContent = "Slot search is unavailable: the live service is not responding.";
    else this.show(body);
  }

  showFaults(faults) {
    this.status.textContent = faults.map((f) => `${f.loc.at(-1)}: ${f.msg}`).join("; ");
  }

  show({ total, items }) {
    this.items = items;
    this.ways = groupWays(items, this.nodes);
    const question = describeQuestion(this.query);
    this.status.replaceChildren(
      total
        ? `${counted(total, "slot")} found for ${question}. Times in UTC.`
        : `No site has ${question} in the time that was searched.`,
    );
    this.aside = make("aside", { "aria-label": "Reserve" });
    this.root.append(
      make(
        "div",
        { class: "split aside" },
        make("div", {}, this.head(), this.ways.length ? this.choices() : ""),
        this.aside,
      ),
    );
    this.choose();
  }

  head() {
    const state = this.ways.length ? "st f" : "st r";
    return make(
      "div",
      { class: "head" },
      make("h2", {}, make("span", { class: state }, heading(this.ways))),
      this.copyAs(),
    );
  }

  // copyAs is the question as a URL and as programs that ask it.
  copyAs() {
    const request = { url: this.url.href, method: "GET", headers: { accept: "application/json" } };
    return make(
      "details",
      { class: "menu" },
      make("summary", { class: "btn" }, "Copy as …"),
      make(
        "div",
        {},
        ...command("URL", request.url),
        ...command("curl", `curl -fsS '${request.url.replaceAll("'", "%27")}'`),
        ...command("Python", python(request)),
        ...command("JavaScript", javascript(request)),
      ),
    );
  }

  // choices are the first slot of each way, and then the later ones.
  choices() {
    const first = this.ways.map((way) => this.choice(way, way.slots[0]));
    const later = this.ways.flatMap((way) => way.slots.slice(1).map((slot) => [way, slot]));
    later.sort(([, a], [, b]) => (a.start < b.start ? -1 : 1));
    const set = make("fieldset", { class: "panel slots" }, make("legend", { class: "vh" }, "Slots"), ...first);
    if (later.length)
      set.append(
        make(
          "details",
          {},
          make("summary", {}, `${counted(later.length, "later slot")}`),
          ...later.map(([way, slot]) => this.choice(way, slot)),
        ),
      );
    set.querySelector("input").checked = true;
    set.addEventListener("change", () => this.choose());
    return set;
  }

  choice(way, slot) {
    const radio = make("input", { type: "radio", name: "slot", value: this.items.indexOf(slot) });
    const types = way.types.map(([type, n]) => `${n} × ${type || "without a type"}`).join(", ");
    const gpus = slot.nodes.reduce((sum, uid) => sum + (this.nodes.get(uid)?.gpus ?? 0), 0);
    const nodes = counted(slot.nodes.length, "node") + (gpus ? ` with ${counted(gpus, "GPU")}` : "");
    return make(
      "label",
      { class: "slot" },
      radio,
      make(
        "span",
        {},
        make("span", { class: "t" }, this.time(slot)),
        make("span", { class: "d" }, make("b", {}, types), " at ", make("bdi", {}, way.site ?? "several sites"), `: ${nodes}`),
        make("span", { class: "d" }, describeFree(slot, this.now)),
      ),
    );
  }

  time({ start, end }) {
    return `${formatTime(Date.parse(start), this.now)} – ${formatTime(Date.parse(end), this.now)}`;
  }

  // choose shows how to reserve the chosen slot.
  choose() {
    const slot = this.items[this.root.querySelector("input[name=slot]:checked")?.value];
    this.aside.replaceChildren(...(slot ? [this.reserve(slot)] : []));
  }

  reserve(slot) {
    const type = onlyType(this.query);
    const count = counted(slot.nodes.length, "node");
    const names = slot.nodes.map((uid) => this.nodeLink(uid, slot));
    const list = make("ul", { class: "nodes" }, ...names);
    return make(
      "section",
      { class: "panel reserve", "aria-labelledby": "reserve" },
      make("h2", { id: "reserve" }, "Reserve this slot"),
      make("p", { class: "small" }, make("b", {}, this.time(slot))),
      names.length > firstNodes ? make("details", {}, make("summary", {}, count), list) : list,
      make("p", { class: "small" }, type ? `Blazar picks any ${count} of this type.` : "Reserves exactly these nodes."),
      ...command("Command line", shellCommand(slot, type, this.now)),
      ...command("Python", pythonProgram(slot, type, this.now)),
      make("p", { class: "small muted" }, "A slot is not held for you until the lease exists."),
    );
  }

  nodeLink(uid, slot) {
    const node = this.nodes.get(uid);
    const href = node && expand(this.root.dataset.node, node.site, node.cluster, uid);
    const restricted = slot.kept_for_projects?.includes(uid) ? ` (${restrictedNote})` : "";
    return make("li", {}, node ? make("a", { href }, node.name) : uid, restricted);
  }
}

// find shows the answer to a page's query, if it has one.
export const find = (root, query) => run(root, () => new Finder(root, query, Date.now()).start());
