// Filters in words: chips that take them away, and what to take away where nothing is
// found.
import { make, number } from "./dom.js";
import { freeOf } from "./free.js";
import { countWithout } from "./filter.js";
import { readList } from "./url.js";
import { splitRange } from "./units.js";
import { describeWhen, readWhen } from "./when.js";

const lastOf = (query, name) => (name && query.getAll(name).at(-1)) ?? "";

// describeRange writes a range: "64 GiB to 1 TiB".
const describeRange = (range) => {
  const text = range.replace(/(\d)([a-z])/gi, "$1 $2");
  const { from, to } = splitRange(text);
  if (text === "unstated") return "not stated";
  if (from === to) return from;
  return from && to ? `${from} to ${to}` : from ? `≥ ${from}` : `≤ ${to}`;
};

const flagWords = { unstated: (title) => `${title} not stated`, stated_false: (title) => `said to have no ${title}` };

// nameOf is what a facet is called.
const nameOf = (facet) => facet.title || facet.params[0];

// describeFilter writes what a query wants of a facet: "GPU: NVIDIA A100, NVIDIA V100".
export const describeFilter = (facet, query) => {
  if (facet.params.includes("q")) return `“${lastOf(query, "q").trim()}”`;
  if (facet.params.includes("hours")) return describeWhen(readWhen(query));

  const title = nameOf(facet);
  if (facet.kind === "flag") {
    const values = lastOf(query, facet.search).split(",").filter(Boolean);
    const yes = (value) => ["true", "1", "yes", "on", "t", "y"].includes(value.toLowerCase());
    return values.map((v) => flagWords[v]?.(title) ?? (yes(v) ? title : `no ${title}`)).join(" or ");
  }

  const labels = { unstated: "not stated", ...facet.labels };
  const names = facet.names ? readList(query, facet.search).map((name) => labels[name] ?? name) : [];
  const ranges = readList(query, facet.range).map(describeRange);
  const least = lastOf(query, facet.min);
  const parts = [...ranges, ...(least ? [`≥ ${least}`] : [])];
  return names.length ? `${title}: ${names.join(", ")}` : `${title} ${parts.join(" or ")}`;
};

// without is a query without a facet's filter.
export const without = (facet, query) => {
  const rest = new URLSearchParams(query);
  for (const name of facet.params) rest.delete(name);
  return rest;
};

// countOf is a count of nodes: free/all where it is known who is free, else all.
const countOf = ({ free, all }, known) =>
  known
    ? freeOf(free, all)
    : make("span", { class: "count" }, number.format(all));

// showChips shows the filters that are on in an element. Each, and all of them, can be
// taken away: a function gets the query that is left.
export const showChips = (root, filter, query, onDrop) => {
  const chips = filter.facets
    .filter((f) => f.params.some((name) => query.get(name)) && (f.pass || f === filter.time))
    .map((facet) => {
      const button = make("button", { type: "button", "aria-label": `Remove the filter ${nameOf(facet)}` }, "×");
      button.addEventListener("click", () => onDrop(without(facet, query)));
      return make("span", { class: "chip" }, make("bdi", {}, describeFilter(facet, query)), button);
    });

  const clear = make("button", { type: "button", class: "quiet" }, "Clear all");
  clear.addEventListener("click", () => onDrop(new URLSearchParams()));
  root.replaceChildren(...chips, ...(chips.length > 1 ? [clear] : []));
  root.hidden = chips.length === 0;
};

// showEmpty says that nothing is found, and which filter to drop, with what it would bring.
export const showEmpty = (root, filter, query, known, onDrop) => {
  const active = filter.active
    .map((facet) => ({ facet, count: countWithout(facet) }))
    .filter(({ count }) => count.all > 0);
  active.sort((a, b) => b.count.all - a.count.all);
  const drops = active.map(({ facet, count }) => {
    const label = make("span", {}, "Without ", make("bdi", {}, describeFilter(facet, query)));
    const button = make("button", { type: "button", class: "chip" }, label, countOf(count, known));
    button.addEventListener("click", () => onDrop(without(facet, query)));
    return make("li", {}, button);
  });
  root.replaceChildren(
    make("h2", {}, filter.active.length > 1 ? "No node has all of these" : "No node has this"),
    make("ul", { class: "row drops" }, ...drops),
  );
};
