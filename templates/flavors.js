// How many virtual machines of each flavor of a table can be had now: one request, made when the
// table comes into view, since sites are asked about each flavor.
import { whenSeen } from "./dom.js";
import { showFreeOf } from "./free.js";
import { fetchJSON } from "./live.js";

// showFlavors writes what an answer tells into the rows of a table. A page without an answer has
// no such column.
const showFlavors = (table, items) => {
  const free = new Map(items.map((item) => [`${item.site_id}/${item.flavor_id}`, item]));
  const isKnown = items.some(({ available }) => available !== null);
  table.tHead.querySelector(".live").classList.toggle("on", isKnown);
  for (const row of table.tBodies[0].rows) {
    const { available = null, total } = free.get(`${row.dataset.site}/${row.dataset.flavor}`) ?? {};
    const cell = row.querySelector(".live");
    if (available !== null) showFreeOf(cell, available, total);
    else cell.textContent = isKnown ? "–" : "";
  }
};

// watchFlavors waits for the table of flavors that a page may have. The column is there before,
// so that nothing moves under the reader.
export const watchFlavors = (table = document.getElementById("flavor-list")) => {
  if (!table) return;
  table.tHead.querySelector(".live").classList.add("on");
  for (const row of table.tBodies[0].rows) row.querySelector(".live").textContent = "…";
  whenSeen(table, table.parentElement, async () => {
    const { body } = await fetchJSON(table.dataset.free);
    showFlavors(table, body?.items ?? []);
    if (body) document.dispatchEvent(new Event("live"));
  });
};
