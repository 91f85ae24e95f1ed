// Entry of the pages of sites, clusters, node types and nodes.
import { Availability } from "./availability.js";
import { showBadge } from "./badge.js";
import { run } from "./dom.js";
import { pickTypes } from "./picks.js";

const free = document.getElementById("free");
const table = document.getElementById("nodes");
const now = document.getElementById("now");

const onStates = (states) => {
  if (now) showBadge(now, states.get(now.dataset.uid));
  if (!table) return;
  table.tHead.querySelector("th.live").classList.add("on");
  for (const row of table.tBodies[0].rows) showBadge(row.querySelector(".live"), states.get(row.dataset.uid));
};

for (const root of document.querySelectorAll(".compare-types")) run(root, () => pickTypes(root));
if (free) run(free, () => new Availability(free, { onStates }).start());
