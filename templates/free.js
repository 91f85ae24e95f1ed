// When nodes are free: asks the live service once a page, and shows it as
// badges in the table of nodes, as a timeline, and in the form that finds a
// time for several.
import { pathOf } from "./address.js";
import { badge, isByFlavor, judge, load, note, outdated, states } from "./live.js";
import { Slots } from "./slots.js";
import { Timeline } from "./timeline.js";

const place = document.getElementById("free");

const seldom = 5 * 60e3; // between two requests for the same

const start = async () => {
  place.hidden = false;
  let live = await load(place.dataset.live);
  let asked = Date.now();
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
  const complete = live.items.filter((item) => !isByFlavor(item));
  const timeline = lanes && complete.length > 0 && new Timeline(lanes, complete, link);
  const slots = document.getElementById("slots");
  if (slots && complete.length > 0) new Slots(slots, live.items, link);
  // While one reads, the data gets older, and nodes become free or reserved.
  setInterval(async () => {
    const now = Date.now();
    if (outdated(live, now) && now - asked >= seldom) {
      asked = now;
      live = (await load(place.dataset.live)) ?? live;
    }
    tell();
    const news = show();
    if (timeline) timeline.tick(news);
  }, 60e3);
};
start();
