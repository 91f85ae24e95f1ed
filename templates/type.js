// Entry of the page of a node type: what is free now, in the next weeks and in the past ones, and
// node by node.
import { Availability } from "./availability.js";
import { showBadge } from "./badge.js";
import { showCapacity } from "./capacity.js";
import { make, number, run } from "./dom.js";
import { showPast } from "./heat.js";
import { ReserveForm } from "./reserve_form.js";

const free = document.getElementById("free");
const section = document.getElementById("capacity");
const past = document.getElementById("past");
const now = document.getElementById("free-now");
let availability;

// countFree writes "free/all" of nodes.
const countFree = (states, uids) => {
  const known = uids.filter((uid) => states.has(uid) && states.get(uid).name !== "flavor");
  return [known.filter((uid) => states.get(uid).name === "available").length, known.length];
};

const onStates = (states) => {
  const table = document.getElementById("nodes");
  table.tHead.querySelector("th.live").classList.add("on");
  for (const row of table.tBodies[0].rows) showBadge(row.querySelector(".live"), states.get(row.dataset.uid));

  const [n, all] = countFree(states, [...states.keys()]);
  document.getElementById("free-label").textContent = "Free now";
  now.className = n ? "big" : "big z";
  now.replaceChildren(number.format(n), make("small", {}, ` / ${number.format(all)}`));

  for (const cell of document.querySelectorAll("td[data-uids]")) {
    const [n, all] = countFree(states, cell.dataset.uids.split(" "));
    cell.classList.toggle("z", n === 0);
    cell.replaceChildren(make("strong", {}, number.format(n)), `/${number.format(all)}`);
    cell.closest("table").tHead.querySelector("th.live").classList.add("on");
  }

  showCapacity(section, availability.live.items, Date.now());
  past.hidden = false;
  document.getElementById("timeline").closest("section").hidden = false;
};

const panel = document.getElementById("reserve");
if (panel) new ReserveForm(panel).update();

if (section) {
  availability = new Availability(free, { onStates });
  run(free, () => availability.start());

  // The past is asked for when it comes into view.
  const watch = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    watch.disconnect();
    run(past, () => showPast(past, Date.now()));
  });
  watch.observe(past);
}
