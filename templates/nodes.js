// Entry of the list of all nodes.
import { Availability } from "./availability.js";
import { run } from "./dom.js";
import { List } from "./list.js";
import { fetchAvailability, fetchJSON } from "./live.js";
import { PageQuery } from "./url.js";

const root = document.getElementById("browser");
const free = document.getElementById("free");
const query = new PageQuery();

// later gets the uids of the nodes that are free for some hours from a start on: what
// they are now does not tell.
const later = async ({ hours, start }) => {
  const url = new URL(free.dataset.live, location.href);
  url.searchParams.set("hours", hours);
  url.searchParams.set("start", start);
  const live = await fetchAvailability(url);
  return new Set(live?.items.map((item) => item.node_id));
};

const load = async () => {
  const { body } = await fetchJSON(root.dataset.index);
  if (!body) throw new Error("the list of nodes could not be loaded");
  return body.total ? new List(root, { index: body, query, later }) : null;
};

const list = load();
run(root, () => list);

// The list and the states may come in any order.
const onStates = (states) => run(root, async () => (await list)?.showStates(states));
if (free) run(free, () => new Availability(free, { onStates }).start());
