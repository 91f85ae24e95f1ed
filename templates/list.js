// The list of all nodes, with its filter.
import { showBadge } from "./badge.js";
import { make, number } from "./dom.js";
import { Facets } from "./facets.js";
import { Filter, textOf } from "./filter.js";
import { Picks } from "./picks.js";
import { units } from "./units.js";
import { expand } from "./url.js";

const firstRows = 100;
const moreRows = 400;

// List shows the nodes of an index in a root element, filtered and sorted as the
// page's URL says.
export class List {
  constructor(root, { index, query }) {
    Object.assign(this, { index, query, rows: [], states: new Map(), shown: firstRows });
    this.pattern = root.dataset.node;
    this.table = root.querySelector("#nodes");
    this.body = this.table.tBodies[0];
    this.status = root.querySelector("#count");
    this.more = root.querySelector("#more");
    this.slots = root.querySelector("#slots");
    this.slotsQuery = this.slots && new URL(this.slots.href).search;
    this.picks = new Picks(root.querySelector("#picked"), "nodes");
    this.types = new Picks(root.querySelector("#picked-types"), "types");
    this.columns = index.properties.filter((p) => p.list);
    this.filter = new Filter(index);
    this.facets = new Facets(root.querySelector("#facets"), this.filter, () => this.change());

    this.makeSortable();
    this.more.addEventListener("click", () => {
      this.shown += moreRows;
      this.render();
    });
    addEventListener("popstate", () => this.read());
    this.read();
  }

  // makeSortable makes the table's headings buttons that sort. Numbers start with
  // the largest.
  makeSortable() {
    for (const th of this.table.tHead.querySelectorAll("[data-sort]")) {
      const button = make("button", { type: "button" }, th.textContent);
      button.addEventListener("click", () => {
        const { sort } = th.dataset;
        const numeric = typeof this.index[sort][0] === "number";
        const [first, second] = numeric ? [`-${sort}`, sort] : [sort, `-${sort}`];
        this.sort = this.sort === first ? second : this.sort === second ? "" : first;
        this.change();
      });
      th.replaceChildren(button);
    }
  }

  // read shows what the page's URL asks for.
  read() {
    const query = this.query.read();
    this.facets.read(query);
    const sort = query.get("sort") ?? "";
    this.sort = this.table.tHead.querySelector(`[data-sort="${CSS.escape(sort.replace(/^-/, ""))}"]`) ? sort : "";
    this.shown = firstRows;
    this.update();
  }

  // change follows a change in the form.
  change() {
    this.shown = firstRows;
    this.update();
    this.query.writeSoon(() => this.toQuery());
  }

  // toQuery is the query of what is shown.
  toQuery() {
    const query = new URLSearchParams();
    this.facets.write(query);
    if (this.sort) query.set("sort", this.sort);
    return query;
  }

  // linkSlots makes the link to the search for slots ask for the nodes that are shown.
  linkSlots() {
    if (!this.slots) return;
    const url = new URL(this.slots.href);
    const query = new URLSearchParams(this.slotsQuery);
    this.facets.write(query);
    url.search = query.toString().replaceAll("%2C", ",");
    this.slots.href = url.href;
  }

  // update filters the nodes.
  update() {
    const start = performance.now();
    this.filter.apply(this.facets.write(new URLSearchParams()), this.sort);
    this.facets.showCounts();
    this.types.set(this.facets.chosen("type"));
    this.linkSlots();
    this.render();
    performance.clearMeasures("filter");
    performance.measure("filter", { start });
  }

  // showStates shows the states of nodes, by uid.
  showStates(states) {
    this.states = states;
    this.table.tHead.querySelector("th.live").classList.add("on");
    this.render();
  }

  // render shows the first of the nodes found. Rows are used again.
  render() {
    const { found, total, matches } = this.filter;
    const n = Math.min(found, this.shown);
    while (this.rows.length < n) this.rows.push(this.row());
    for (let r = 0; r < n; r++) this.fill(this.rows[r], matches[r]);

    const old = this.body.rows.length;
    if (old > n || this.body.firstChild !== this.rows[0]?.tr)
      this.body.replaceChildren(...this.rows.slice(0, n).map((r) => r.tr));
    else this.body.append(...this.rows.slice(old, n).map((r) => r.tr));

    const text =
      found === total ? `${number.format(total)} nodes` : `${number.format(found)} of ${number.format(total)} nodes`;
    if (this.status.textContent !== text) this.status.textContent = text;
    this.more.hidden = found <= n;
    this.more.textContent = `Show more (${number.format(found - n)} remaining)`;
    this.showSort();
  }

  showSort() {
    for (const th of this.table.tHead.querySelectorAll("[data-sort]")) {
      const { sort } = th.dataset;
      if (this.sort === sort) th.setAttribute("aria-sort", "ascending");
      else if (this.sort === `-${sort}`) th.setAttribute("aria-sort", "descending");
      else th.removeAttribute("aria-sort");
    }
  }

  // row makes an empty row.
  row() {
    const pick = this.picks.box(() => row.tr.dataset.uid);
    const node = make("a");
    const type = make("a");
    const site = make("a");
    const live = make("td", { class: "live" });
    const mark = make("span", { class: "badge" }, "by flavor");
    const cells = this.columns.map(({ column, kind }) => {
      const link = { type, site }[column];
      return make("td", { class: kind in units && kind !== "flag" ? "n" : false }, ...(link ? [link] : []));
    });
    const row = {
      pick,
      node,
      type,
      mark,
      site,
      live,
      cells,
      tr: make("tr", {}, make("th", { scope: "row" }, pick, node), live, ...cells),
    };
    return row;
  }

  // fill shows a node in a row.
  fill(row, i) {
    const x = this.index;
    const uid = x.uid[i];
    const site = x.site.names[x.site.of[i]];
    row.tr.dataset.uid = uid;
    row.pick.checked = this.picks.has(uid);
    row.pick.setAttribute("aria-label", `Compare ${x.name[i]}`);
    row.node.textContent = x.name[i];
    row.node.href = expand(this.pattern, site, x.cluster.names[x.cluster.of[i]], uid);
    showBadge(row.live, this.states.get(uid));

    row.site.textContent = site;
    row.site.href = expand(this.pattern.split("/clusters/")[0], site);
    const type = x.type.of[i];
    row.type.textContent = x.type.names[type];
    row.type.href = x.pages[type];

    this.columns.forEach(({ column, kind }, c) => {
      const cell = row.cells[c];
      if (column === "type") {
        if (x.lease) cell.replaceChildren(row.type, ...(textOf(x.lease, i) === "flavor" ? [" ", row.mark] : []));
      } else if (column !== "site") {
        cell.textContent = kind in units ? units[kind](x[column][i]) : textOf(x[column], i);
      }
    });
  }
}
