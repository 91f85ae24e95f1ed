// How many nodes are free now by what they have and where they are, in a table of all nodes: a
// row is a value, and a column a site. The numbers stand before those of all nodes, where the
// page has left room for them.
import { make, number } from "./dom.js";

const keyOf = (property, value, site) => JSON.stringify([property, value, site]);

// countsOf are the free nodes and all that can be leased as they are, by property, value and
// site; "" is for all sites. The sites themselves are a property, without a value.
export const countsOf = (counts) => {
  const all = new Map();
  const add = (key, { free, nodes }) => {
    const before = all.get(key) ?? { free: 0, nodes: 0 };
    all.set(key, { free: before.free + free, nodes: before.nodes + nodes });
  };
  for (const { property, value, sites } of counts) {
    for (const site of sites) {
      const row = property === "site_id" ? "" : value;
      add(keyOf(property, row, site.site_id), site);
      add(keyOf(property, row, ""), site);
    }
  }
  return all;
};

// showCounts writes them into a table. Where no node can be leased as it is, nothing is free.
export const showCounts = (table, counts) => {
  const sites = [...table.tHead.rows[0].cells].map((cell) => cell.dataset.site ?? "");
  for (const row of table.querySelectorAll("tr[data-property]")) {
    for (const cell of row.cells) {
      const place = cell.querySelector("[data-of]");
      const count = counts.get(keyOf(row.dataset.property, row.dataset.value ?? "", sites[cell.cellIndex]));
      if (!place || !count?.nodes) continue;
      cell.classList.add("fa");
      cell.classList.toggle("z", count.free === 0);
      place.replaceChildren(make("span", {}, make("strong", {}, number.format(count.free)), "/"));
    }
  }
};
