// The basket: nodes that the reader has picked, at the bottom of the page. It is in the
// page's URL.
import { copyButton, counted, make } from "./dom.js";
import { fetchAvailability } from "./live.js";
import { maxCompared } from "./picks.js";
import { freeTogether } from "./together.js";
import { joinList, readList } from "./url.js";
import { formatTime } from "./ways.js";
import { pageZone } from "./zone.js";

const delay = 300; // milliseconds in which one picks more
const longest = 4 * 7 * 24 * 3600e3; // what is free for longer has no end here

// listNames writes names: the first, and how many more.
const listNames = (names) => names.slice(0, 3).join(", ") + (names.length > 3 ? ` and ${names.length - 3} more` : "");

// queryOf writes a query whose lists stay readable.
const queryOf = (values) => new URLSearchParams(values).toString().replaceAll("%2C", ",");

// Basket fills a root element with what is picked: uids, of which a function returns name
// and site. OnChange is called after each change.
export class Basket {
  constructor(root, { nodeOf, onChange }) {
    Object.assign(this, { root, nodeOf, onChange, picked: new Set(), items: new Map() });
    this.status = make("p", { role: "status" });
    this.reserve = make("a", { class: "btn primary" }, "Reserve …");
    this.compare = make("a", { class: "btn" }, "Compare");
    this.link = make("span", { class: "vh", "aria-hidden": "true" });
    const clear = make("button", { type: "button", class: "quiet" }, "Clear");
    clear.addEventListener("click", () => {
      this.set([]);
      onChange();
      document.getElementById("count").focus(); // the basket is gone
    });
    root.append(make("div", { class: "wrap full" }, this.status, this.reserve, this.compare, copyButton(this.link, "Copy link"), clear, this.link));
  }

  has(uid) {
    return this.picked.has(uid);
  }

  // set picks nodes instead of those picked so far.
  set(uids) {
    this.picked = new Set(uids.filter((uid) => this.nodeOf(uid)));
    this.show();
  }

  toggle(uid, on) {
    if (on) this.picked.add(uid);
    else this.picked.delete(uid);
    this.show();
    this.onChange();
  }

  read(query) {
    this.set(readList(query, "picked"));
  }

  write(query) {
    if (this.picked.size) query.set("picked", joinList([...this.picked]));
  }

  show() {
    const uids = [...this.picked];
    this.root.hidden = uids.length === 0;
    clearTimeout(this.timer);
    if (!uids.length) return;

    const list = joinList(uids);
    const { compare, slots } = this.root.dataset;
    this.compare.href = `${compare}?${queryOf({ nodes: list })}`;
    this.compare.hidden = uids.length < 2 || uids.length > maxCompared;
    this.reserve.href = `${slots}?${queryOf({ node_id: list, count: uids.length, hours: 24, same_site: true })}`;
    this.link.textContent = new URL(`?${queryOf({ picked: list })}`, location.href).href;
    this.say("");
    this.timer = setTimeout(() => this.ask(), delay);
  }

  // say tells what is picked, and where, before what follows.
  say(...more) {
    const sites = [...new Set([...this.picked].map((uid) => this.nodeOf(uid).site))].sort();
    const at = sites.length > 1 ? `at ${sites.length} sites (${listNames(sites)})` : `${this.picked.size > 1 ? "all " : ""}at ${sites[0]}`;
    this.status.replaceChildren(make("b", {}, `${counted(this.picked.size, "node")} selected`), `, ${at}. `, ...more);
  }

  // ask gets the reservations of those picked that are not known yet.
  async ask() {
    const uids = [...this.picked];
    const unknown = uids.filter((uid) => !this.items.has(uid));
    if (unknown.length) {
      const url = new URL(this.root.dataset.live, location.href);
      url.search = new URLSearchParams({ node_id: joinList(unknown) });
      const live = await fetchAvailability(url);
      for (const item of live?.items ?? []) this.items.set(item.node_id, item);
    }
    if (uids.join() !== [...this.picked].join()) return; // more was picked meanwhile
    if (uids.every((uid) => this.items.has(uid))) this.showTogether(uids.map((uid) => this.items.get(uid)));
  }

  showTogether(items) {
    const now = Date.now();
    const { never, start, end } = freeTogether(items, now);
    if (never) {
      const names = listNames(never.map((item) => this.nodeOf(item.node_id).name));
      this.say(make("span", { class: "st u" }, `${names} cannot be reserved now.`));
      return;
    }
    const from = start <= now ? "now" : `from ${formatTime(start, now)}`;
    const until = end - now > longest ? "for four weeks or more" : `until ${formatTime(end, now)} ${pageZone().name}`;
    this.say(items.length > 1 ? "Free together " : "Free ", make("span", { class: "st f nb" }, `${from} ${until}`));
  }
}
