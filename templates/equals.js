// The nodes that have the same hardware as one: the file of its type says which they
// are, the live service which are free, the longest first.
import { barOf, startOfDay } from "./fortnight.js";
import { make, number } from "./dom.js";
import { freeOf } from "./free.js";
import { sortLanes } from "./lanes.js";
import { fetchAvailability, fetchJSON, updateStates } from "./live.js";
import { expand } from "./url.js";

const shown = 7;
const mostNodes = 1000; // of a type, for which one asks

// equalsOf are the other nodes of the variant of a type that has a node.
export const equalsOf = (type, uid, pages) => {
  const variant = type.variants.find(({ nodes }) => nodes.some((node) => node.node_id === uid));
  return (variant?.nodes ?? [])
    .filter((node) => node.node_id !== uid)
    .map((node) => ({
      uid: node.node_id,
      name: node.node_name ?? node.node_id,
      page: expand(pages, node.site_id, node.cluster_id, node.node_id),
    }));
};

// rowOf is a node with the next two weeks.
const rowOf = ({ name, page }, lane, now) => {
  const link = make("a", { class: "name", href: page }, name);
  return lane ? [link, barOf(lane.state, lane.reserved, startOfDay(now), now)] : [link, make("span")];
};

// showEquals fills the panel of a node's equals.
export const showEquals = async (panel, now) => {
  const note = panel.querySelector("p");
  const type = note.querySelector("a");
  const { body } = await fetchJSON(panel.dataset.type);
  if (!body) return; // the link is there
  const equals = equalsOf(body, panel.dataset.uid, panel.dataset.node);
  if (!equals.length) {
    note.replaceChildren("No other node of type ", type, " has exactly this hardware: its page says how they differ.");
    return;
  }

  const lanes = panel.dataset.live && equals.length <= mostNodes ? await lanesOf(panel.dataset.live, equals, now) : new Map();
  const known = [...lanes.values()];
  const free = known.filter(({ state }) => state.name === "available").length;
  const order = new Map([...lanes.keys()].map((uid, i) => [uid, i]));
  const rank = ({ uid }) => order.get(uid) ?? lanes.size;
  equals.sort((a, b) => rank(a) - rank(b));
  const count = known.length
    ? [freeOf(free, equals.length), " others are free now"]
    : [`${number.format(equals.length)} others`];
  note.replaceChildren(...count, ", of type ", type, ".");
  const list = make("div", { class: "tl" }, ...equals.slice(0, shown).flatMap((node) => rowOf(node, lanes.get(node.uid), now)));
  panel.append(list);
  const more = equals.length - shown;
  if (more > 0) panel.append(make("p", { class: "small" }, make("a", { href: type.href }, `And ${number.format(more)} more`)));
};

// lanesOf are the equals that the live service knows, with their states, in the order of sortLanes.
const lanesOf = async (url, equals, now) => {
  const live = await fetchAvailability(new URL(url, location.href));
  if (!live) return new Map();
  const wanted = new Set(equals.map(({ uid }) => uid));
  const items = live.items.filter((item) => wanted.has(item.node_id));
  const states = new Map();
  updateStates(states, live, now);
  return new Map(sortLanes(items, states, now).map((lane) => [lane.item.node_id, lane]));
};
