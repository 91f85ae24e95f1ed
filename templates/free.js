// When nodes are free: asks the live service once a page, and shows it as
// badges in the table of nodes, as a timeline, and in the form that finds a
// time for several.
import { badge, load, note, stateOf, states } from "./live.js";
import { Slots } from "./slots.js";
import { Timeline } from "./timeline.js";

const place = document.getElementById("free");

// link is the address of a node's page.
const link = (item) => ["site", "cluster", "node"].reduce((path, name) => path.replace(`{${name}}`, () => encodeURIComponent(item[`${name}_id`])), place.dataset.node);

const start = async () => {
  place.hidden = false;
  const live = await load(place.dataset.live);
  const tell = () => { document.getElementById("live").textContent = note(live); };
  tell();
  if (!live?.items.length) return;
  const now = Date.now();
  for (const item of live.items) states.set(item.node_id, stateOf(item, live.sites, now));
  const table = document.getElementById("nodes");
  table?.tHead.querySelector("th.live").classList.add("on");
  for (const row of table?.tBodies[0].rows ?? []) badge(row.querySelector(".live"), states.get(row.dataset.uid));
  document.dispatchEvent(new Event("states"));
  const node = document.getElementById("now");
  if (node) badge(node, states.get(live.items[0].node_id));
  const lanes = document.getElementById("timeline");
  const timeline = lanes && new Timeline(lanes, live, link);
  const slots = document.getElementById("slots");
  if (slots) new Slots(slots, live.items, link);
  // The data gets older while one reads.
  setInterval(() => {
    tell();
    timeline?.tick();
  }, 60e3);
};
if (place) start();
