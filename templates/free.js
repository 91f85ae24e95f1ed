// When nodes are free: asks the live service once a page, and shows it as
// badges in the table of nodes, as a timeline, and in the form that finds a
// time for several.
import { pathOf } from "./address.js";
import { badge, judge, load, note, states } from "./live.js";
import { Slots } from "./slots.js";
import { Timeline } from "./timeline.js";

const place = document.getElementById("free");

const start = async () => {
  place.hidden = false;
  const live = await load(place.dataset.live);
  const tell = () => { document.getElementById("live").textContent = note(live); };
  tell();
  if (!live?.items.length) return;
  const table = document.getElementById("nodes");
  table?.tHead.querySelector("th.live").classList.add("on");
  const node = document.getElementById("now");
  const show = () => {
    const news = judge(live, Date.now());
    for (const row of table?.tBodies[0].rows ?? []) badge(row.querySelector(".live"), states.get(row.dataset.uid));
    if (node) badge(node, states.get(live.items[0].node_id));
    document.dispatchEvent(new Event("states"));
    return news;
  };
  show();
  const link = (item) => pathOf(place.dataset.node, item.site_id, item.cluster_id, item.node_id);
  const lanes = document.getElementById("timeline");
  const timeline = lanes && new Timeline(lanes, live.items, link);
  const slots = document.getElementById("slots");
  if (slots) new Slots(slots, live.items, link);
  // While one reads, the data gets older, and nodes become free or reserved.
  setInterval(() => {
    tell();
    const news = show();
    timeline?.tick(news);
  }, 60e3);
};
start();
