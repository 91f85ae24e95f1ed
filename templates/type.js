// Entry of the page of a node type: what is free now, in the next weeks and in the past ones, and
// node by node; and how to reserve it.
import { Availability } from "./availability.js";
import { showBadge } from "./badge.js";
import { make, number, run } from "./dom.js";
import { showFreeOf } from "./free.js";
import { isByFlavor, isReservable, reservedTimes } from "./live.js";
import { countStates, Overview } from "./overview.js";
import { ReserveForm } from "./reserve_form.js";
import { describeHours } from "./when.js";

const free = document.getElementById("free");
const panel = document.querySelector("#reserve:has(form)");
const enough = document.getElementById("enough");
let availability;

// showEnough says how many nodes of a site are free for a length of time from a start on.
const showEnough = (form, { site, from, length }) => {
  const items = availability?.live?.items.filter((item) => item.site_id === site && !isByFlavor(item)) ?? [];
  if (!items.length || !enough) return;
  const clear = (item) => !reservedTimes(item).some(([start, end]) => start < from + length && end > from);
  const n = items.filter((item) => isReservable(item) && clear(item)).length;
  const wanted = Number(form.elements.count.value);
  const state = make("span", { class: n >= wanted ? "st f" : "st r" }, `${number.format(n)} of ${number.format(items.length)}`);
  enough.replaceChildren(
    state,
    ` ${items.length === 1 ? "is" : "are"} free for all of ${describeHours(length / 3600e3)}.`,
    n >= wanted ? " Which ones you get, the reservation system picks." : " Another time may have enough: find a slot.",
  );
};

let form;
if (panel) {
  form = new ReserveForm(panel, (asked) => {
    showEnough(panel.querySelector("form"), asked);
    return form?.what() ?? { type: panel.querySelector("form").dataset.type };
  });
  form.update();
}

const overview = free && new Overview();
let reserved = false; // whether the panel knows what is reserved

const onStates = (states) => {
  const table = document.getElementById("nodes");
  table.tHead.querySelector("th.live").classList.add("on");
  for (const row of table.tBodies[0].rows) showBadge(row.querySelector(".live"), states.get(row.dataset.uid));

  for (const cell of document.querySelectorAll("td[data-uids]")) {
    const counts = countStates(cell.dataset.uids.split(" ").flatMap((uid) => states.get(uid) ?? []));
    const all = [...counts.values()].reduce((a, b) => a + b, 0);
    showFreeOf(cell, counts.get("available") ?? 0, all);
    cell.closest("table").tHead.querySelector("th.live").classList.add("on");
  }

  overview.show(states, availability.live.items);
  if (!reserved) form?.update();
  reserved = true;
};

if (free) {
  availability = new Availability(free, { onStates });
  run(free, () => availability.start());
}
