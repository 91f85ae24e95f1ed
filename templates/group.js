// Entry of the pages of sites and clusters: what is free there, of which type, and when.
import { Availability } from "./availability.js";
import { showBadge } from "./badge.js";
import { leastByDay } from "./capacity.js";
import { draw, run } from "./dom.js";
import { watchFlavors } from "./flavors.js";
import { showFreeOf } from "./free.js";
import { isByFlavor } from "./live.js";
import { Overview } from "./overview.js";
import { pickTypes } from "./picks.js";
import { drawStrip } from "./strip.js";

const days = 14;
const free = document.getElementById("free");
const table = document.getElementById("nodes");

// groupItems groups the nodes that can be leased by a member.
const groupItems = (items, member) => {
  const groups = new Map();
  for (const item of items) {
    if (isByFlavor(item)) continue;
    if (!groups.has(item[member])) groups.set(item[member], []);
    groups.get(item[member]).push(item);
  }
  return groups;
};

// showGroup writes how many nodes of a group are free into an element.
const showGroup = (element, group, states) =>
  showFreeOf(element, group.filter((item) => states.get(item.node_id).name === "available").length, group.length);

// showTypes writes what is free of each type, now and in the next two weeks.
const showTypes = (table, items, states, now) => {
  const types = groupItems(items, "node_type");
  for (const row of table.tBodies[0].rows) {
    const group = types.get(row.dataset.type);
    if (!group) {
      row.querySelector(".week").textContent = "–"; // by flavor alone
      continue;
    }
    showGroup(row.querySelector(".fa"), group, states);
    const strip = draw("svg", { class: "strip", preserveAspectRatio: "none" });
    drawStrip(strip, leastByDay(group, now, days), group.length);
    row.querySelector(".week").replaceChildren(strip);
  }
  table.tHead.querySelector(".count-head").textContent = "Free";
  table.tHead.querySelector(".week").classList.add("on");
};

let availability;
const overview = free && new Overview();

const onStates = (states) => {
  const { items } = availability.live;
  overview.show(states, items);
  for (const types of document.querySelectorAll("table.types")) showTypes(types, items, states, Date.now());

  const clusters = groupItems(items, "cluster_id");
  for (const element of document.querySelectorAll("[data-free-in]")) {
    const group = clusters.get(element.dataset.freeIn);
    if (group) showGroup(element, group, states);
  }

  if (!table) return;
  table.tHead.querySelector("th.live").classList.add("on");
  for (const row of table.tBodies[0].rows) showBadge(row.querySelector(".live"), states.get(row.dataset.uid));
};

watchFlavors();
for (const root of document.querySelectorAll(".compare-types")) run(root, () => pickTypes(root));
if (free) {
  availability = new Availability(free, { onStates });
  run(free, () => availability.start());
}
