// The hardware browser: filters the list of all nodes while one types. Without it
// the page shows all that does not change.
import { pageOf, Picks } from "./compare.js";
import { make, number } from "./dom.js";
import { ask, badge, states } from "./live.js";

// scaled writes a number with its unit, as the pages do.
const scaled = (n, by, units) => {
  if (!n) return "";
  let unit = 0;
  for (; n >= by && unit < units.length - 1; unit++) n /= by;
  return `${+n.toFixed(n < 10 ? 2 : n < 100 ? 1 : 0)}\u00a0${units[unit]}`;
};
const binary = (n) => scaled(n, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]);
const decimal = (n) => scaled(n, 1000, ["B", "kB", "MB", "GB", "TB", "PB", "EB"]);
const rate = (n) => scaled(n, 1000, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s", "Ebit/s"]);

const GiB = 2 ** 30;
const TB = 1e12;

// What can be chosen: one of several names, or at least so much. Names in
// addresses are those of a search of the API.
const choices = [
  { column: "site", query: "site_id", title: "Site" },
  { column: "gpu", query: "gpu_model", title: "GPU model" },
  { column: "type", query: "node_type", title: "Node type" },
  { column: "arch", query: "arch", title: "Architecture" },
  { column: "cpu", query: "cpu", title: "Processor" },
  { column: "media", query: "storage_media", title: "Storage media" },
];
const leasts = [
  { column: "gpus", query: "min_gpus", title: "GPUs", steps: [1, 2, 4, 8, 16], text: String },
  { column: "threads", query: "min_cores", title: "Threads", steps: [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512], text: String },
  { column: "ram", query: "min_ram", title: "Memory", steps: [32, 64, 128, 192, 256, 384, 512, 1024, 2048, 4096].map((n) => n * GiB), text: binary },
  { column: "storage", query: "min_storage", title: "Storage", steps: [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64].map((n) => n * TB), text: decimal },
];

const firstRows = 100;
const moreRows = 400;

// List is the list of all nodes with its filter.
class List {
  constructor(root, index) {
    this.index = index;
    this.total = index.total;
    this.pattern = root.dataset.node;
    this.form = root.querySelector("#facets");
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
    for (const c of leasts) index[c.column] = Float64Array.from(index[c.column]);
    for (const c of choices) {
      const column = index[c.column];
      column.of = Uint32Array.from(column.of);
      c.sets = column.sets ?? column.names.map((_, i) => [i]); // what a node has of the names: one, or several
      c.tally = new Int32Array(c.sets.length);
    }
    this.texts = index.uid.map((uid, i) =>
      [uid, index.name[i], ...["site", "type", "arch", "gpu", "fpga", "cpu", "chassis"].map((c) => index[c].names[index[c].of[i]])].join("\n").toLowerCase());
    this.mentioned = new Uint8Array(this.total).fill(1);
    this.words = "";
    this.build();
    this.headers();
    this.read();
    root.querySelector("#by").hidden = true;
    this.form.hidden = false;
    this.more.addEventListener("click", () => { this.shown += moreRows; this.render(); });
    addEventListener("popstate", () => { this.read(); this.filter(); });
    document.addEventListener("states", () => this.render());
    this.filter();
  }

  // build makes the form.
  build() {
    const parts = [];
    this.text = make("input", { type: "search", name: "q", autocomplete: "off", spellcheck: "false" });
    parts.push(make("label", { class: "text" }, "Words", this.text));
    this.infiniband = make("input", { type: "checkbox", name: "infiniband", value: "true" });
    this.infinibandCount = make("span", { class: "count" });
    for (const c of leasts) {
      const most = this.index[c.column].reduce((a, b) => Math.max(a, b), 0);
      c.steps = c.steps.filter((n) => n <= most);
      c.select = make("select", { name: c.query }, make("option", { value: "" }, "any"));
      c.options = c.steps.map((n) => {
        const option = make("option", { value: n });
        c.select.append(option);
        return option;
      });
      c.counts = new Int32Array(c.steps.length);
    }
    parts.push(make("fieldset", { class: "least" }, make("legend", {}, "At least"),
      ...leasts.filter((c) => c.steps.length).map((c) => make("label", {}, c.title, c.select))));
    parts.push(make("label", { class: "check" }, this.infiniband, "InfiniBand", this.infinibandCount));
    for (const c of choices) {
      const { names } = this.index[c.column];
      c.counts = new Int32Array(names.length);
      c.boxes = names.map((name) => make("input", { type: "checkbox", name: c.query, value: name }));
      c.labels = names.map((name, i) => make("label", { class: "check" }, c.boxes[i], make("bdi", {}, name), make("span", { class: "count" })));
      c.details = make("details", {}, make("summary", {}, c.title),
        make("div", { class: "choices", role: "group", "aria-label": c.title }, ...c.labels.filter((_, i) => names[i] !== "")));
      if (names.some((n) => n !== "")) parts.push(c.details);
    }
    parts.push(make("button", { type: "reset" }, "Clear"));
    const all = make("details", { class: "filters", open: matchMedia("(min-width: 60rem)").matches }, make("summary", {}, "Filter"), ...parts);
    this.form.append(all);
    this.form.addEventListener("input", () => this.changed());
    this.form.addEventListener("submit", (e) => e.preventDefault());
    this.form.addEventListener("reset", () => setTimeout(() => this.changed()));
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
    this.text.value = query.get("q") ?? "";
    this.infiniband.checked = query.get("infiniband") === "true";
    for (const c of leasts) {
      const value = query.get(c.query) ?? "";
      if (value !== "" && Number(value) > 0 && !c.steps.includes(Number(value))) this.step(c, Number(value));
      c.select.value = Number(value) > 0 ? String(Number(value)) : "";
    }
    for (const c of choices) {
      const wanted = new Set(query.getAll(c.query));
      c.boxes.forEach((box) => { box.checked = wanted.has(box.value); });
      c.details.open = wanted.size > 0 || c.column === "site" || c.column === "gpu";
    }
    const sort = query.get("sort") ?? "";
    this.sort = this.table.tHead.querySelector(`[data-sort="${CSS.escape(sort.replace(/^-/, ""))}"]`) ? sort : "";
    this.shown = firstRows;
  }

  // step adds a number that an address asks for to those one can choose.
  step(c, value) {
    c.steps.push(value);
    c.steps.sort((a, b) => a - b);
    c.counts = new Int32Array(c.steps.length);
    const option = make("option", { value });
    c.options.splice(c.steps.indexOf(value), 0, option);
    c.select.replaceChildren(c.select.options[0], ...c.options);
  }

  changed() {
    this.shown = firstRows;
    this.filter();
    clearTimeout(this.writing);
    this.writing = setTimeout(() => this.write(), 100);
  }

  // write puts the filter into the address.
  write() {
    const query = new URLSearchParams();
    if (this.text.value.trim()) query.set("q", this.text.value.trim());
    for (const c of leasts) if (c.select.value) query.set(c.query, c.select.value);
    if (this.infiniband.checked) query.set("infiniband", "true");
    for (const c of choices) for (const box of c.boxes) if (box.checked) query.append(c.query, box.value);
    if (this.sort) query.set("sort", this.sort);
    // What another part of the page keeps there stays.
    for (const [name, value] of new URLSearchParams(location.search)) if (name === "count" || name === "hours") query.append(name, value);
    const text = query.toString();
    history.replaceState(null, "", location.pathname + (text ? `?${text}` : ""));
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
    const words = this.text.value.toLowerCase().split(/\s+/).filter(Boolean);
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
    const onlyInfiniband = this.infiniband.checked;
    const chosen = choices.map((c) => (c.boxes.some((b) => b.checked) ? Uint8Array.from(c.sets, (set) => (set.some((name) => c.boxes[name].checked) ? 1 : 0)) : null));
    const least = leasts.map((c) => Number(c.select.value));
    for (const c of choices) c.tally.fill(0);
    for (const c of leasts) c.counts.fill(0);
    let withInfiniband = 0;
    this.found = 0;
    const { infiniband } = this.index;
    const kinds = choices.map((c) => this.index[c.column].of);
    const amounts = leasts.map((c) => this.index[c.column]);
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
    this.types.chosen = new Set(choices.find((c) => c.column === "type").boxes.filter((b) => b.checked).map((b) => b.value));
    this.types.show();
    this.infinibandCount.textContent = number.format(withInfiniband);
    for (const c of choices) {
      c.counts.fill(0);
      c.sets.forEach((set, i) => { for (const name of set) c.counts[name] += c.tally[i]; });
      c.labels.forEach((label, i) => {
        label.lastChild.textContent = number.format(c.counts[i]);
        label.classList.toggle("none", c.counts[i] === 0);
      });
    }
    for (const c of leasts) c.options.forEach((o, i) => { o.textContent = `${c.text(c.steps[i])} (${number.format(c.counts[i])})`; });
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
    if (old > n || this.body.firstChild !== this.rows[0].tr) this.body.replaceChildren(...this.rows.slice(0, n).map((r) => r.tr));
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
    cells[0].append(site);
    cells[1].append(type);
    const row = { pick, node, type, site, live, cells, tr: make("tr", {}, make("th", { scope: "row" }, pick, node), live, ...cells) };
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
    row.node.href = pageOf(this.pattern, x, i);
    row.site.textContent = site;
    row.site.href = this.pattern.split("/clusters/")[0].replace("{site}", () => encodeURIComponent(site));
    row.type.textContent = x.type.names[type];
    row.type.href = x.pages[type];
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
