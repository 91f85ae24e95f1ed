// Entry of the pages of sites, clusters, node types and nodes.
import { Availability } from "./availability.js";
import { showBadge } from "./badge.js";
import { run } from "./dom.js";
import { pickTypes } from "./picks.js";
import { ReserveForm } from "./reserve_form.js";

const free = document.getElementById("free");
const table = document.getElementById("nodes");
const now = document.getElementById("now");

const panel = document.getElementById("reserve");
const reserve = panel && new ReserveForm(panel);
reserve?.update();

const onStates = (states) => {
  if (now) {
    const state = states.get(now.dataset.uid);
    showBadge(now, state);
    if (state?.name === "reserved") reserve?.suggest(state.until);
  }
  if (!table) return;
  table.tHead.querySelector("th.live").classList.add("on");
  for (const row of table.tBodies[0].rows) showBadge(row.querySelector(".live"), states.get(row.dataset.uid));
};

for (const root of document.querySelectorAll(".compare-types")) run(root, () => pickTypes(root));
if (free) run(free, () => new Availability(free, { onStates }).start());
