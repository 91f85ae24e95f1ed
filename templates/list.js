// The list of all nodes: its filter, columns, order, and what is picked are in the page's
// URL.
import { Basket } from "./basket.js";
import { showChips, showEmpty, without } from "./chips.js";
import { Columns } from "./columns.js";
import { counted, make, number } from "./dom.js";
import { Facets } from "./facets.js";
import { Filter } from "./filter.js";
import { Headings } from "./headings.js";
import { Outlook } from "./outlook.js";
import { Picker } from "./picker.js";
import { rememberPlace, restorePlace } from "./place.js";
import { Rows } from "./rows.js";
import { TakeAway } from "./takeaway.js";
import { TimeFilter } from "./timefilter.js";
import { Views } from "./views.js";
import { nameSite } from "./ways.js";
import { rankStates, readWhen } from "./when.js";

const maxFlavors = 20; // that are listed

// showFlavors lists the flavors that the words of the search find, beside the nodes. Who reads
// the list is not thrown out of it by news of nodes.
const showFlavors = (place, flavors) => {
  const found = JSON.stringify(flavors.map(({ page }) => page));
  if (place.dataset.found === found) return;
  place.dataset.found = found;
  place.hidden = !flavors.length;
  const links = flavors.slice(0, maxFlavors).map(({ name, site, page }) => {
    const label = [make("bdi", {}, name), " at ", make("bdi", {}, site)];
    return make("li", {}, make("a", { href: page }, ...label));
  });
  const more = flavors.length - maxFlavors;
  if (more > 0) links.push(make("li", {}, `and ${number.format(more)} more`));
  place.replaceChildren(make("p", {}, `${counted(flavors.length, "flavor")} of virtual machines:`), make("ul", { class: "row" }, ...links));
};

// List shows the nodes of an index in a root element, filtered and sorted as the page's
// URL says. Later asks which nodes are free from a start on.
export class List {
  constructor(root, { index, query, later }) {
    Object.assign(this, { root, index, query, states: new Map(), known: false });
    const find = (id) => root.querySelector(`#${id}`);
    [this.heading, this.status, this.chips, this.empty] = ["count", "said", "chips", "empty"].map(find);
    this.flavors = find("machines");
    [this.table, this.more] = ["nodes", "more"].map(find);
    this.frame = this.table.closest(".scroll");
    const at = new Map(index.uid.map((uid, i) => [uid, i]));

    this.columns = new Columns(index);
    this.filter = new Filter(index);
    this.time = new TimeFilter(index.uid, { later, onAnswer: () => this.update() });
    this.facets = new Facets(find("facets"), this.filter, () => this.change(this.facets.write(new URLSearchParams())));
    this.basket = new Basket(document.getElementById("basket"), {
      nodeOf: (uid) => at.has(uid) && { name: index.name[at.get(uid)], site: nameSite(index, at.get(uid)) },
      onChange: () => this.keep(),
    });
    this.headings = new Headings(this.table, (sort) => this.sortBy(sort));
    this.rows = new Rows(this.table, { index, pattern: root.dataset.node, columns: this.columns, basket: this.basket });
    this.picker = new Picker(find("columns"), this.columns, () => this.showColumns());
    this.views = new Views(find("views"), () => this.toQuery());
    this.takeAway = new TakeAway(find("take"), this);
    this.slots = find("slots");
    this.slotsQuery = this.slots && new URL(this.slots.href).search;
    const outlook = find("outlook");
    this.outlook = outlook && new Outlook(outlook);
    find("tools").hidden = false;

    this.more.addEventListener("click", () => this.showMore());
    this.frame.addEventListener("scroll", () => this.scrolled(), { passive: true });
    addEventListener("scroll", () => this.remember(), { passive: true });
    addEventListener("popstate", () => this.read());
    this.read();
    restorePlace(this.rows, this.frame, () => this.render());
  }

  // read shows what the page's URL asks for.
  read() {
    const query = this.query.read();
    this.facets.read(query);
    this.filters = this.facets.write(new URLSearchParams());
    this.basket.read(query);
    this.columns.read(query);
    this.picker.read();
    const sort = query.get("sort") ?? "";
    this.sort = this.isSort(sort) ? sort : "name";
    this.rows.reset();
    this.makeHead();
    this.update();
  }

  isSort(sort) {
    const name = sort.replace(/^-/, "");
    return name === "name" || this.columns.all.some((c) => c.sort === name);
  }

  // change follows a change of the filters.
  change(filters) {
    this.filters = filters;
    this.rows.reset();
    this.frame.scrollTop = 0;
    this.update();
    this.keep();
  }

  // drop shows what is found by other filters, which the form did not choose.
  drop(filters) {
    this.facets.read(filters);
    this.change(this.facets.write(new URLSearchParams()));
    this.heading.focus(); // what was pressed is gone
  }

  // keep puts what is shown into the page's URL.
  keep() {
    this.query.writeSoon(() => this.toQuery());
  }

  // toQuery is the query of what is shown.
  toQuery() {
    const query = new URLSearchParams(this.filters);
    if (this.sort !== "name") query.set("sort", this.sort);
    this.columns.write(query);
    this.basket.write(query);
    return query;
  }

  // update filters the nodes.
  update() {
    const start = performance.now();
    this.filter.setTime(this.time.pass(this.filters, this.filter.time.pass));
    this.filter.apply(this.filters, this.sort);
    this.facets.showCounts(this.known);
    this.render();
    this.lookAhead();
    performance.clearMeasures("filter");
    performance.measure("filter", { start });
  }

  // showStates shows the states of nodes, by uid.
  showStates(states) {
    this.states = states;
    this.time.states = states;
    this.known = true;
    const isFree = Uint8Array.from(this.index.uid, (uid) => (states.get(uid)?.name === "available" ? 1 : 0));
    this.filter.setStates(isFree, rankStates(this.index.uid, states));
    this.headings.showStates();
    this.update();
  }

  // linkSlots makes the link to the search for slots ask for the nodes that are shown, and
  // for the time that is asked for.
  linkSlots(query) {
    if (!this.slots) return;
    const { hours, start } = readWhen(this.filters) ?? {};
    const asked = new URLSearchParams(this.slotsQuery);
    for (const [name, value] of query) asked.set(name, value);
    if (hours) asked.set("hours", hours);
    if (start) asked.set("after", start);
    const url = new URL(this.slots.href);
    url.search = asked.toString().replaceAll("%2C", ",");
    this.slots.href = url.href;
  }

  // lookAhead shows when what is found is free, once it is known that somebody answers.
  lookAhead() {
    const query = without(this.filter.time, this.filters);
    this.linkSlots(query);
    const some = this.filter.found > 0 && query.size > 0;
    if (this.known) this.outlook?.ask(some ? query : null);
  }

  // render shows the first of the nodes found.
  render() {
    const { filter, filters, known } = this;
    const left = this.rows.show(filter.matches, filter.found, this.states);
    this.more.hidden = left === 0;
    this.more.textContent = `Show more (${number.format(left)} remaining)`;
    this.showCount();

    const onDrop = (rest) => this.drop(rest);
    showChips(this.chips, filter, filters, onDrop);
    showFlavors(this.flavors, filter.foundFlavors);
    this.empty.hidden = filter.found > 0;
    this.frame.hidden = filter.found === 0;
    if (!filter.found) showEmpty(this.empty, filter, filters, known, onDrop);
  }

  showCount() {
    const { found, total, free } = this.filter;
    const nodes = found === total ? `${number.format(total)} nodes` : `${number.format(found)} of ${number.format(total)} nodes`;
    const more = this.known ? [", ", make("span", { class: free ? "fa" : "fa z" }, make("b", {}, number.format(free)), " free now")] : [];
    const text = this.known ? `${nodes}, ${number.format(free)} free now` : nodes;
    if (this.status.textContent === text) return;
    this.heading.replaceChildren(nodes, ...more);
    this.status.textContent = text;
  }

  makeHead() {
    this.headings.make(this.columns.shown, this.sort);
    this.rows.rebuild();
  }

  sortBy(sort) {
    this.sort = sort;
    this.rows.reset();
    this.update();
    this.headings.show(sort);
    this.keep();
  }

  showColumns() {
    this.makeHead();
    this.render();
    this.keep();
  }

  showMore() {
    this.rows.showMore();
    this.render();
    this.remember();
  }

  // scrolled shows more rows before the reader comes to the end of the frame, where it
  // scrolls by itself.
  scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.frame;
    if (!this.more.hidden && scrollHeight > clientHeight && scrollTop + 2 * clientHeight > scrollHeight) this.showMore();
    else this.remember();
  }

  remember() {
    rememberPlace(this.rows, this.frame);
  }

  // nodes are the numbers of those found, in their order, and fileColumns what files have
  // of them.
  get nodes() {
    return [...this.filter.matches.subarray(0, this.filter.found)];
  }
  get fileColumns() {
    const { index, columns, states } = this;
    const name = { name: "node_name", title: "Node", text: (i) => index.name[i], value: (i) => index.name[i] };
    const state = (i) => states.get(index.uid[i])?.name ?? "";
    const shown = columns.shown.map((c) => (c.name === "state" ? { ...c, text: state, value: state } : c));
    return [name, ...shown];
  }
}
