// The form that asks when so many nodes are free together for so long, and what
// reserves them then.
import { keep, kept } from "./address.js";
import { copier, counted, make } from "./dom.js";
import { python, shell } from "./lease.js";
import { ask, isByFlavor, keptFor } from "./live.js";
import { Zone } from "./zone.js";

const most = 5; // slots that are shown
const ahead = 30; // days within which one starts

// Parameters of the list's filter that a question about slots understands, too.
const filters = ["q", "site_id", "node_type", "arch", "gpu_model", "min_gpus", "min_cores", "min_ram", "min_storage", "storage_media", "infiniband", "leased_by"];

const command = (title, text) => {
  const pre = make("pre", { tabindex: "0", role: "group", "aria-label": title }, text);
  return [make("p", { class: "bar" }, make("b", {}, title), copier(pre)), pre];
};

// Slots is the form, at a place whose address of slots has the nodes' kind. In
// the list they are those of its filter.
export class Slots {
  constructor(place, items, link) {
    this.address = new URL(place.dataset.slots, location.href);
    this.filtered = place.dataset.filtered !== undefined;
    this.items = new Map(items.map((item) => [item.node_id, item]));
    this.link = link;
    this.count = make("input", { type: "number", name: "count", min: 1, max: 10000, value: 1, required: true });
    this.hours = make("input", { type: "number", name: "hours", min: 1, max: 24 * 366, value: 24, required: true });
    const types = [...new Set(items.filter((item) => !isByFlavor(item)).map((item) => item.node_type))].filter((t) => t !== null).sort();
    this.type = make("select", { name: "node_type" }, make("option", { value: "" }, "any"), ...types.map((t) => make("option", { value: t }, t)));
    this.choosable = !this.filtered && !this.address.searchParams.has("node_type");
    this.form = make("form", { class: "bar slots" },
      make("label", {}, "Nodes ", this.count), make("label", {}, "Hours ", this.hours),
      ...(this.choosable ? [make("label", {}, "Type ", this.type)] : []),
      make("button", {}, "Find a time"));
    this.status = make("p", { role: "status" });
    this.list = make("ol", { class: "found" });
    place.append(this.form, this.status, this.list);
    place.hidden = false;
    this.form.addEventListener("submit", (e) => {
      e.preventDefault();
      this.write();
      this.find();
    });
    const query = kept();
    if (query.has("count") && query.has("hours")) {
      this.count.value = query.get("count");
      this.hours.value = query.get("hours");
      if (this.choosable) this.type.value = types.includes(query.get("node_type")) ? query.get("node_type") : "";
      if (place.tagName === "DETAILS") place.open = true;
      if (this.form.checkValidity()) this.find();
    }
  }

  // write puts what is asked into the page's address.
  write() {
    const query = kept();
    query.set("count", this.count.value);
    query.set("hours", this.hours.value);
    if (this.choosable) query.set("node_type", this.type.value);
    keep(query);
  }

  // question is the address to ask, "" where the list's filter is more than can
  // be asked.
  question() {
    const url = new URL(this.address);
    if (this.filtered) {
      const query = kept();
      if (query.has("cpu") || filters.some((name) => query.getAll(name).length > 1)) return "";
      for (const name of filters) if (query.get(name)) url.searchParams.set(name, query.get(name));
    } else if (this.choosable && this.type.value) {
      url.searchParams.set("node_type", this.type.value);
    }
    url.searchParams.set("count", this.count.value);
    url.searchParams.set("hours", this.hours.value);
    url.searchParams.set("before", new Date(Date.now() + (24 * ahead + this.hours.valueAsNumber) * 3600e3).toISOString());
    url.searchParams.set("same_site", "true"); // a lease is of one site
    url.searchParams.set("limit", most);
    return url;
  }

  // asks writes what an address asks for, in the list with its filter.
  asks({ searchParams: query }) {
    const filter = this.filtered ? filters.filter((name) => query.has(name)).map((name) => `${name} ${query.get(name)}`).join(", ") : "";
    return `${counted(Number(query.get("count")), "node")} for ${counted(Number(query.get("hours")), "hour")}${filter && ` (${filter})`}`;
  }

  // find asks, and shows what is found.
  async find() {
    const say = (text, ...slots) => {
      this.status.textContent = text;
      this.list.replaceChildren(...slots);
    };
    const url = this.question();
    this.asked = url;
    if (!url) {
      say("Times can be looked for with one site, one type and so on at the most, and not by processor.");
      return;
    }
    say("Looking …");
    const { status, body } = await ask(url);
    if (this.asked !== url) return; // another question came after it
    const kind = this.asks(url);
    if (status === 422) say(body.detail.map((d) => `${d.loc.at(-1)}: ${d.msg}`).join("; "));
    else if (!body) say("The live service does not answer: when there is a time is not known now.");
    else if (!body.total) say(`Within ${ahead} days no time begins with ${kind} at one site.`);
    else {
      say(body.total > body.items.length ? `${kind}: the first ${body.items.length} of ${body.total} times.` : `${kind}: ${counted(body.total, "time")}.`,
        ...body.items.map((slot) => this.slot(slot, this.typeOf(url.searchParams))));
    }
  }

  // typeOf is the type that a question is for, null where it asks for more than
  // a type.
  typeOf(query) {
    return filters.every((name) => name === "node_type" || name === "site_id" || !query.has(name)) ? query.get("node_type") : null;
  }

  // isMixed says whether Blazar might choose a host of virtual machines for a
  // type at a site.
  isMixed(type, site) {
    return [...this.items.values()].some((item) => isByFlavor(item) && item.node_type === type && item.site_id === site);
  }

  slot(slot, asked) {
    const type = this.isMixed(asked, slot.site_id) ? null : asked;
    const now = Date.now();
    const [local, utc] = [new Zone(false), new Zone(true)].map((zone) => `${zone.full(Date.parse(slot.start))} to ${zone.full(Date.parse(slot.end))}, ${zone.name}`);
    const nodes = slot.nodes.map((uid) => {
      const item = this.items.get(uid);
      return make("li", {}, item ? make("a", { href: this.link(item) }, item.node_name ?? uid) : uid,
        ...(slot.kept_for_projects?.includes(uid) ? [" ", make("span", { class: "quiet" }, `(${keptFor})`)] : []));
    });
    return make("li", {},
      make("p", {}, make("b", {}, local), ...(local === utc ? [] : [make("br"), make("span", { class: "quiet" }, utc)])),
      make("p", {}, `${counted(nodes.length, "node")} at `, make("bdi", {}, slot.site_id), nodes.length > 8 ? "" : ":"),
      nodes.length > 8 ? make("details", {}, make("summary", {}, "Which nodes"), make("ul", { class: "nodes" }, ...nodes)) : make("ul", { class: "nodes" }, ...nodes),
      make("details", {}, make("summary", {}, "How to reserve them"),
        make("p", {}, type ? "Blazar chooses the nodes: as many of the type as are asked for." : "These very nodes are reserved.",
          " Both need python-blazarclient, and an account at ", make("bdi", {}, slot.site_id), "."),
        ...command("Command line", shell(slot, type, now)), ...command("Python", python(slot, type, now))));
  }
}
