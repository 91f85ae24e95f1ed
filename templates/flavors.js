// How many virtual machines of each flavor of a table can be had now: one request, made when the
// table comes into view, since sites are asked about each flavor.
import { make, number, run } from "./dom.js";
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
    const text = available === null ? "–" : [make("strong", {}, number.format(available)), `/${number.format(total)}`];
    cell.classList.toggle("z", available === 0);
    cell.replaceChildren(...(isKnown ? text : []));
  }
};

// watchFlavors waits for the table of flavors that a page may have. The column is there before,
// so that nothing moves under the reader.
export const watchFlavors = (table = document.getElementById("flavor-list")) => {
  if (!table) return;
  table.tHead.querySelector(".live").classList.add("on");
  for (const row of table.tBodies[0].rows) row.querySelector(".live").textContent = "…";
  const watch = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    watch.disconnect();
    run(table.parentElement, async () => {
      const { body } = await fetchJSON(table.dataset.free);
      showFlavors(table, body?.items ?? []);
      if (body) document.dispatchEvent(new Event("live"));
    });
  });
  watch.observe(table);
};
