// Entry of the list of all nodes.
import { Availability } from "./availability.js";
import { run } from "./dom.js";
import { List } from "./list.js";
import { fetchJSON } from "./live.js";
import { PageQuery } from "./url.js";

const root = document.getElementById("browser");
const free = document.getElementById("free");
const query = new PageQuery();

const load = async () => {
  const { body } = await fetchJSON(root.dataset.index);
  if (!body) throw new Error("the list of nodes could not be loaded");
  return body.total ? new List(root, { index: body, query }) : null;
};

const list = load();
run(root, () => list);

// The list and the states may come in any order.
const onStates = (states) => run(root, async () => (await list)?.showStates(states));
if (free) run(free, () => new Availability(free, { onStates }).start());
