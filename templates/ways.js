// What a search for slots has found, in words: ways to have what was asked for.
import { counted } from "./dom.js";
import { readList } from "./url.js";

const hour = 3600e3;

const timeFormats = (utc) => {
  const zone = { timeZone: utc ? "UTC" : undefined };
  const day = new Intl.DateTimeFormat("en-GB", { ...zone, weekday: "short", day: "numeric", month: "short" });
  const year = new Intl.DateTimeFormat("en-GB", { ...zone, year: "numeric" });
  const clock = new Intl.DateTimeFormat("en-GB", { ...zone, hour: "2-digit", minute: "2-digit" });
  return { day, year, clock };
};
const formats = { utc: timeFormats(true), local: timeFormats(false) };

// formatTime writes a time: "Mon 30 Nov 00:00", with the year if it is not that of now.
export const formatTime = (t, now, zone = "utc") => {
  const { day, year, clock } = formats[zone];
  const other = year.format(t) === year.format(now) ? "" : ` ${year.format(t)}`;
  return `${day.format(t).replace(",", "")}${other} ${clock.format(t)}`;
};

// nodesOf indexes the nodes of the list's file by uid.
export const nodesOf = ({ uid, name, type, site, cluster, accelerators, lease }) => {
  const text = (column, i) => column?.names[column.of[i]] ?? "";
  const node = (i) => ({
    name: name[i],
    type: text(type, i),
    site: text(site, i),
    cluster: text(cluster, i),
    has: text(accelerators, i),
    byFlavor: text(lease, i) === "flavor",
  });
  return new Map(uid.map((id, i) => [id, node(i)]));
};

// countBy counts what a function returns for values, the most frequent first.
const countBy = (values, of) => {
  const counts = new Map();
  for (const value of values) counts.set(of(value), (counts.get(of(value)) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
};

// groupWays groups slots by their site and the types of their nodes: each group is a
// way, with types ([type, number of nodes]) and its slots, the earliest first.
export const groupWays = (slots, nodes) => {
  const ways = new Map();
  for (const slot of slots) {
    const types = countBy(slot.nodes, (uid) => nodes.get(uid)?.type ?? "");
    const key = JSON.stringify([slot.site_id, types]);
    if (!ways.has(key)) ways.set(key, { site: slot.site_id, types, slots: [] });
    ways.get(key).slots.push(slot);
  }
  return [...ways.values()];
};

// Parameters of a search for slots that choose no nodes.
const others = new Set([
  ...["count", "unit", "hours", "after", "before", "same_site", "offset", "limit", "nearest", "strict", "sort"],
]);

// filtersOf are the parameters of a query that choose nodes.
export const filtersOf = (query) => [...new Set(query.keys())].filter((name) => !others.has(name));

// onlyType is the node type of a question, null where it asks for more than one, or for
// what not all nodes of a type need to have.
export const onlyType = (query) => {
  const types = readList(query, "node_type");
  const onlyTypes = filtersOf(query).every((name) => name === "node_type" || name === "site_id");
  return types.length === 1 && onlyTypes ? types[0] : null;
};

// typeToReserve is the type that a lease for a slot asks for; null where it must name the
// slot's nodes, as Blazar might choose a host of virtual machines.
export const typeToReserve = (query, slot, nodes) => {
  const type = onlyType(query);
  const isMixed = [...nodes.values()].some((n) => n.byFlavor && n.type === type && n.site === slot.site_id);
  return isMixed ? null : type;
};

// describeHardware says what the nodes of a slot have that the catalogue sells them by.
export const describeHardware = (slot, nodes) => {
  const all = countBy(slot.nodes, (uid) => nodes.get(uid)?.has ?? "").filter(([has]) => has);
  return all.length === 1 && all[0][1] === slot.nodes.length && slot.nodes.length > 1
    ? `${all[0][0]} each`
    : all.map(([has]) => has).join("; ");
};

// describeQuestion writes a question: "2 nodes for 24 hours (GPU: NVIDIA A100)". Titles
// are those of parameters, as far as they have one.
export const describeQuestion = (query, titles = new Map()) => {
  const unit = query.get("unit") === "gpus" ? "GPU" : "node";
  const what = filtersOf(query)
    .map((name) => `${titles.get(name) ?? name}: ${readList(query, name).join(" or ")}`)
    .join(", ");
  const count = counted(Number(query.get("count") ?? 1), unit);
  return `${count} for ${counted(Number(query.get("hours") ?? 1), "hour")}${what && ` (${what})`}`;
};

// describeFree says how long a slot's nodes stay free, where that is known.
export const describeFree = ({ end, extendable_until: until }, now) => {
  if (until === undefined) return "";
  if (until === null) return "Can be extended beyond the search’s end.";
  const time = Date.parse(until);
  return time - Date.parse(end) < hour ? "Cannot be extended." : `Can be extended until ${formatTime(time, now)}.`;
};

// heading says whether there is a slot, and in how many ways.
export const heading = (ways) => (ways.length > 1 ? `Yes, in ${ways.length} ways` : ways.length ? "Yes" : "No");
