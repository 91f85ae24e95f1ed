// The hardware browser: filters the list of all nodes while one types. Without it
// the page shows all that does not change.
import { keep, pathOf, soon } from "./address.js";
import { Picks } from "./compare.js";
import { make, number } from "./dom.js";
import { Facets } from "./facets.js";
import { ask, badge, states } from "./live.js";
import { binary, decimal, rate } from "./units.js";

const firstRows = 100;
const moreRows = 400;

// List is the list of all nodes with its filter.
class List {
  constructor(root, index) {
    this.index = index;
    this.total = index.total;
    this.pattern = root.dataset.node;
    this.table = root.querySelector("#nodes");
    this.body = this.table.tBodies[0];
    this.status = root.querySelector("#count");
    this.more = root.querySelector("#more");
    this.picks = new Picks(root.querySelector("#picked"), "nodes", "nodes");
    this.types = new Picks(root.querySelector("#picked-types"), "types", "types");
    this.rows = [];
    this.orders = new Map();
    this.matches = new Uint32Array(this.total);
    this.found = 0;
    this.shown = firstRows;
    this.texts = index.uid.map((uid, i) =>
      [uid, index.name[i], ...["site", "type", "arch", "gpu", "fpga", "cpu", "chassis"].map((c) => index[c].names[index[c].of[i]])].join("\n").toLowerCase());
    this.mentioned = new Uint8Array(this.total).fill(1);
    this.words = "";
    this.facets = new Facets(root.querySelector("#facets"), index, () => this.changed());
    this.headers();
    this.read();
    root.querySelector("#by").hidden = true;
    this.more.addEventListener("click", () => { this.shown += moreRows; this.render(); });
    addEventListener("popstate", () => { this.read(); this.filter(); });
    document.addEventListener("states", () => this.render());
    this.filter();
  }

  // headers makes the table's headings buttons that sort.
  headers() {
    for (const th of this.table.tHead.querySelectorAll("[data-sort]")) {
      const button = make("button", { type: "button" }, th.textContent);
      button.addEventListener("click", () => {
        const { sort } = th.dataset;
        const numeric = th.classList.contains("n") || sort === "gpus" || sort === "infiniband";
        const [one, other] = numeric ? [`-${sort}`, sort] : [sort, `-${sort}`];
        this.sort = this.sort === one ? other : this.sort === other ? "" : one;
        this.changed();
      });
      th.replaceChildren(button);
    }
  }

  // read takes the filter from the address.
  read() {
    const query = new URLSearchParams(location.search);
    this.facets.read(query);
    const sort = query.get("sort") ?? "";
    this.sort = this.table.tHead.querySelector(`[data-sort="${CSS.escape(sort.replace(/^-/, ""))}"]`) ? sort : "";
    this.shown = firstRows;
  }

  changed() {
    this.shown = firstRows;
    this.filter();
    soon(() => this.write());
  }

  // write puts the filter into the address.
  write() {
    const query = new URLSearchParams();
    this.facets.write(query);
    if (this.sort) query.set("sort", this.sort);
    // What another part of the page keeps there stays.
    for (const [name, value] of new URLSearchParams(location.search)) if (name === "count" || name === "hours") query.append(name, value);
    keep(query);
  }

  // order lists the nodes by a column; what is equal stays as it is.
  order() {
    let order = this.orders.get(this.sort);
    if (order) return order;
    order = Uint32Array.from({ length: this.total }, (_, i) => i);
    if (this.sort) {
      const down = this.sort.startsWith("-") ? -1 : 1;
      const column = this.index[this.sort.replace(/^-/, "")];
      const keys = column.of ?? (typeof column[0] === "string" ? this.ranks(column) : column);
      order.sort((a, b) => down * (keys[a] - keys[b]) || a - b);
    }
    this.orders.set(this.sort, order);
    return order;
  }

  ranks(texts) {
    if (!this.nameRanks) {
      const compare = new Intl.Collator("en", { numeric: true }).compare;
      this.nameRanks = new Uint32Array(this.total);
      [...texts.keys()].sort((a, b) => compare(texts[a], texts[b])).forEach((i, rank) => { this.nameRanks[i] = rank; });
    }
    return this.nameRanks;
  }

  // mention looks for the words, when they have changed.
  mention() {
    const words = this.facets.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.join(" ") === this.words) return;
    this.words = words.join(" ");
    for (let i = 0; i < this.total; i++) this.mentioned[i] = words.every((w) => this.texts[i].includes(w)) ? 1 : 0;
  }

  // filter finds the nodes and counts, for each thing one can choose, how many
  // there would be with it: those that nothing but its own facet keeps out.
  filter() {
    const started = performance.now();
    this.mention();
    const order = this.order();
    const { choices, leasts } = this.facets;
    const chosen = this.facets.fits();
    const least = leasts.map((c) => Number(c.select.value));
    const onlyInfiniband = this.facets.infiniband.checked;
    this.facets.clear();
    let withInfiniband = 0;
    this.found = 0;
    const { infiniband } = this.index;
    const kinds = choices.map((c) => c.of);
    const amounts = leasts.map((c) => c.amounts);
    const facets = choices.length + leasts.length;
    for (const i of order) {
      if (!this.mentioned[i]) continue;
      let out = 0;
      let by = -1; // the facet that keeps it out
      for (let f = 0; f < choices.length; f++) {
        if (chosen[f] !== null && chosen[f][kinds[f][i]] === 0) { out++; by = f; }
      }
      for (let f = 0; f < leasts.length; f++) {
        if (amounts[f][i] < least[f]) { out++; by = choices.length + f; }
      }
      if (onlyInfiniband && !infiniband[i]) { out++; by = facets; }
      if (out > 1) continue;
      if (out === 0) this.matches[this.found++] = i;
      for (let f = 0; f < choices.length; f++) {
        if (out === 0 || by === f) choices[f].tally[kinds[f][i]]++;
      }
      for (let f = 0; f < leasts.length; f++) {
        if (out !== 0 && by !== choices.length + f) continue;
        const { steps, counts } = leasts[f];
        const has = amounts[f][i];
        for (let s = 0; s < steps.length && has >= steps[s]; s++) counts[s]++;
      }
      if (infiniband[i] && (out === 0 || by === facets)) withInfiniband++;
    }
    this.facets.show(withInfiniband);
    this.types.chosen = new Set(this.facets.chosen("type"));
    this.types.show();
    this.render();
    performance.clearMeasures("filter");
    performance.measure("filter", { start: started });
  }

  // render shows the first of the nodes found.
  render() {
    const n = Math.min(this.found, this.shown);
    while (this.rows.length < n) this.rows.push(this.row());
    for (let r = 0; r < n; r++) this.fill(this.rows[r], this.matches[r]);
    const old = this.body.rows.length;
    if (old > n || this.body.firstChild !== this.rows[0]?.tr) this.body.replaceChildren(...this.rows.slice(0, n).map((r) => r.tr));
    else this.body.append(...this.rows.slice(old, n).map((r) => r.tr));
    const text = this.found === this.total ? `${number.format(this.total)} nodes` : `${number.format(this.found)} of ${number.format(this.total)} nodes`;
    if (this.status.textContent !== text) this.status.textContent = text;
    this.more.hidden = this.found <= n;
    this.more.textContent = `Show more: ${number.format(this.found - n)} are not shown`;
    for (const th of this.table.tHead.querySelectorAll("[data-sort]")) {
      const { sort } = th.dataset;
      if (this.sort === sort) th.setAttribute("aria-sort", "ascending");
      else if (this.sort === `-${sort}`) th.setAttribute("aria-sort", "descending");
      else th.removeAttribute("aria-sort");
    }
  }

  row() {
    const pick = this.picks.box(() => row.tr.dataset.uid);
    const node = make("a");
    const type = make("a");
    const site = make("a");
    const live = make("td", { class: "live" });
    const cells = Array.from({ length: 9 }, () => make("td"));
    for (const i of [3, 4, 6, 7]) cells[i].className = "n";
    const mark = make("span", { class: "badge" }, "by flavor");
    cells[0].append(site);
    cells[1].append(type);
    const row = { pick, node, type, mark, site, live, cells, tr: make("tr", {}, make("th", { scope: "row" }, pick, node), live, ...cells) };
    return row;
  }

  fill(row, i) {
    const x = this.index;
    const site = x.site.names[x.site.of[i]];
    const type = x.type.of[i];
    row.tr.dataset.uid = x.uid[i];
    row.pick.checked = this.picks.chosen.has(x.uid[i]);
    row.pick.setAttribute("aria-label", `Compare ${x.name[i]}`);
    row.node.textContent = x.name[i];
    row.node.href = pathOf(this.pattern, site, x.cluster.names[x.cluster.of[i]], x.uid[i]);
    row.site.textContent = site;
    row.site.href = pathOf(this.pattern.split("/clusters/")[0], site);
    row.type.textContent = x.type.names[type];
    row.type.href = x.pages[type];
    if (x.lease) row.cells[1].replaceChildren(row.type, ...(x.lease.names[x.lease.of[i]] === "flavor" ? [" ", row.mark] : []));
    const gpu = x.gpu.names[x.gpu.of[i]];
    const gpus = x.gpus[i];
    row.cells[2].textContent = x.arch.names[x.arch.of[i]];
    row.cells[3].textContent = x.threads[i] || "";
    row.cells[4].textContent = binary(x.ram[i]);
    row.cells[5].textContent = gpus ? (gpu ? `${gpus} × ${gpu}` : `${gpus} GPUs`) : x.fpga.names[x.fpga.of[i]];
    row.cells[6].textContent = decimal(x.storage[i]);
    row.cells[7].textContent = rate(x.network[i]);
    row.cells[8].textContent = x.infiniband[i] ? "yes" : "";
    badge(row.live, states.get(x.uid[i]));
  }
}

const start = async () => {
  const root = document.getElementById("browser");
  const { body } = await ask(root.dataset.index);
  if (body?.total) new List(root, body);
};
start();
