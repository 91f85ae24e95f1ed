// The rows of the list's table. They are used again for other nodes.
import { showCell } from "./columns.js";
import { make } from "./dom.js";
import { expand } from "./url.js";
import { nameSite } from "./ways.js";

const firstRows = 100;
const moreRows = 200;

// Rows show nodes in a table's body: columns of an index, with their states and a basket.
export class Rows {
  constructor(table, { index, pattern, columns, basket }) {
    Object.assign(this, { table, index, pattern, columns, basket, rows: [], shown: firstRows });
    this.body = table.tBodies[0];
  }

  // reset shows the first rows again.
  reset() {
    this.shown = firstRows;
  }

  showMore() {
    this.shown += moreRows;
  }

  // rebuild makes all rows anew: with other columns.
  rebuild() {
    this.rows = [];
    this.body.replaceChildren();
  }

  // show shows the first of the nodes that are found.
  show(nodes, found, states) {
    const n = Math.min(found, this.shown);
    while (this.rows.length < n) this.rows.push(this.row());
    for (let r = 0; r < n; r++) this.fill(this.rows[r], nodes[r], states);

    const old = this.body.rows.length;
    if (old > n || this.body.firstChild !== this.rows[0]?.tr)
      this.body.replaceChildren(...this.rows.slice(0, n).map((r) => r.tr));
    else this.body.append(...this.rows.slice(old, n).map((r) => r.tr));
    return found - n;
  }

  // row makes an empty row.
  row() {
    const pick = make("input", { type: "checkbox" });
    const [node, type, site] = [make("a"), make("a"), make("a")];
    const cells = this.columns.shown.map(({ name, numeric }) =>
      make("td", { class: name === "state" ? "live" : numeric ? "n" : false }),
    );
    const name = make("span", { class: "pick" }, pick, node);
    const tr = make("tr", {}, make("th", { scope: "row" }, name), ...cells);
    pick.addEventListener("change", () => {
      tr.classList.toggle("on", pick.checked);
      this.basket.toggle(tr.dataset.uid, pick.checked);
    });
    return { tr, pick, node, type, site, cells, mark: make("span", { class: "badge" }, "by flavor") };
  }

  // fill shows a node in a row.
  fill(row, i, states) {
    const x = this.index;
    const uid = x.uid[i];
    const site = x.site.names[x.site.of[i]];
    row.tr.dataset.uid = uid;
    row.pick.setAttribute("aria-label", `Select ${x.name[i]}`);
    row.pick.checked = this.basket.has(uid);
    row.tr.classList.toggle("on", row.pick.checked);
    row.node.textContent = x.name[i];
    row.node.href = expand(this.pattern, site, x.cluster.names[x.cluster.of[i]], uid);

    row.site.textContent = nameSite(x, i);
    row.site.href = expand(this.pattern.split("/clusters/")[0], site);
    const type = x.type.of[i];
    row.type.textContent = x.type.names[type];
    row.type.href = x.pages[type];

    const byFlavor = x.lease && x.lease.names[x.lease.of[i]] === "flavor";
    const links = { site: [row.site], type: byFlavor ? [row.type, " ", row.mark] : [row.type] };
    const state = states.get(uid);
    this.columns.shown.forEach((column, c) => showCell(row.cells[c], column, i, { state, links }));
  }
}
