// What a search for slots has found, in words: ways to have what was asked for.
import { counted } from "./dom.js";
import { restrictedNote } from "./live.js";
import { readList } from "./url.js";
import { pageZone } from "./zone.js";

const hour = 3600e3;

// formatTime writes a time in the page's zone: "Mon 30 Nov 00:00", with the year if it is
// not that of now.
export const formatTime = (t, now) => pageZone().short(t, now);

// nodesOf indexes the nodes of the list's file by uid.
export const nodesOf = ({ uid, name, type, site, cluster, accelerators }) => {
  const text = (column, i) => column?.names[column.of[i]] ?? "";
  const node = (i) => ({
    name: name[i],
    type: text(type, i),
    site: text(site, i),
    cluster: text(cluster, i),
    has: text(accelerators, i),
  });
  return new Map(uid.map((id, i) => [id, node(i)]));
};

// nameSite is what people call the site of a node of the list's file.
export const nameSite = ({ site, properties }, i) => {
  const uid = site.names[site.of[i]];
  return properties.find(({ column }) => column === "site")?.labels?.[uid] ?? uid;
};

// countBy counts what a function returns for values, the most frequent first.
const countBy = (values, of) => {
  const counts = new Map();
  for (const value of values) counts.set(of(value), (counts.get(of(value)) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
};

// keyOf names the way of a slot: its site, and how many nodes of which types it has.
export const keyOf = (slot, nodes) => JSON.stringify([slot.site_id, countBy(slot.nodes, (uid) => nodes.get(uid)?.type ?? "")]);

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

// placesOf are the sites of a slot's nodes, in their order: each with the types of its nodes, as
// [type, number of nodes].
export const placesOf = (slot, nodes) => {
  const sites = new Map();
  for (const uid of slot.nodes) {
    const site = nodes.get(uid)?.site ?? slot.site_id ?? "";
    sites.set(site, [...(sites.get(site) ?? []), uid]);
  }
  return [...sites].map(([site, uids]) => ({ site, types: countBy(uids, (uid) => nodes.get(uid)?.type ?? "") }));
};

// Parameters of a search for slots that choose no nodes.
const others = new Set([
  ...["commit", "count", "unit", "hours", "after", "before", "same_site", "offset", "limit", "nearest", "strict", "sort"],
]);

// filtersOf are the parameters of a query that choose nodes.
export const filtersOf = (query) => [...new Set(query.keys())].filter((name) => !others.has(name));

// typeToReserve is the type that a lease for a slot asks for; null where it must name the
// slot's nodes.
export const typeToReserve = (slot) => (slot.reserve_by === "type" && !slot.parts ? slot.node_type : null);

// describeHardware says what the nodes of a slot have that the catalogue sells them by.
export const describeHardware = (slot, nodes) => {
  const all = countBy(slot.nodes, (uid) => nodes.get(uid)?.has ?? "").filter(([has]) => has);
  return all.length === 1 && all[0][1] === slot.nodes.length && slot.nodes.length > 1
    ? `${all[0][0]} each`
    : all.map(([has]) => has).join("; ");
};

// partsOf splits a question into those for the parts of a mixture: a parameter of another
// part than the first has its number and a dot in front.
export const partsOf = (query) => {
  const parts = new Map([["", new URLSearchParams()]]);
  for (const [name, value] of query) {
    const [, part, rest] = /^(?:([2-5])\.)?(.*)$/.exec(name);
    if (!parts.has(part ?? "")) parts.set(part, new URLSearchParams());
    parts.get(part ?? "").set(rest, value);
  }
  return [...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, of]) => of);
};

// valuesOf are the values of a parameter in words: "80 GiB or more".
const valuesOf = (query, name) =>
  readList(query, name)
    .map((value) => value.replace(/^([\d.]+)(\D*?)\.\.$/, (_, n, unit) => `${n}${unit && ` ${unit}`} or more`))
    .join(" or ");

// describePart writes what a part of a question asks for: "2 nodes (GPU: NVIDIA A100)". Of GPUs
// it goes without saying what such a value is of: "2 GPUs (NVIDIA A100)".
export const describePart = (part, titles = new Map()) => {
  const unit = part.get("unit") === "gpus" ? "GPU" : "node";
  const titleOf = (name) => (unit === "GPU" && name === "gpu_family" ? "" : `${titles.get(name) ?? name}: `);
  const what = filtersOf(part).map((name) => titleOf(name) + valuesOf(part, name));
  const count = counted(Number(part.get("count") ?? 1), unit);
  return count + (what.length ? ` (${what.join(", ")})` : "");
};

// describeQuestion writes a question: "2 nodes (GPU: NVIDIA A100) for 24 hours". Titles are
// those of parameters, as far as they have one.
export const describeQuestion = (query, titles = new Map()) => {
  const parts = partsOf(query).map((part) => describePart(part, titles));
  return `${parts.join(" and ")} for ${counted(Number(query.get("hours") ?? 1), "hour")}`;
};

// describeLetGo says in what a question that has a slot differs from one.
export const describeLetGo = (name, query, asked, titles = new Map()) => {
  const filter = name.replace(/^[2-5]\./, "");
  const differences = {
    after: "Starting earlier",
    before: "Starting later",
    same_site: "At several sites",
    site_id: "At another site",
    // Of a mixture the API leaves them out.
    ...(partsOf(query).length === 1 && { node_type: "Another type, as large", gpu_family: "Another GPU, as large" }),
    count: `Only ${describePart(new URLSearchParams([["count", asked.get("count") ?? 1], ["unit", asked.get("unit") ?? ""]]), titles)}`,
    hours: `Only ${counted(Number(asked.get("hours")), "hour")}`,
  };
  return differences[filter] ?? `Without ${titles.get(filter) ?? filter}: ${valuesOf(query, name)}`;
};

// describeStarts says until when a slot may start on such nodes, too. Searched are the first and
// the last time that were.
export const describeStarts = ({ start, end }, way, [, searched]) => {
  const [t, length] = [Date.parse(start), Date.parse(end) - Date.parse(start)];
  const stretch = way?.starts.find(({ first, last }) => Date.parse(first) <= t && t < Date.parse(last));
  if (!stretch) return "";
  const last = Date.parse(stretch.last);
  return searched - length - last < 60e3 && way.starts.length === 1
    ? "Any later start works, too."
    : `Any start until ${formatTime(last, t)} works.`;
};

// describeBites says what to mind when a slot is reserved.
export const describeBites = (slot, way) =>
  [
    ...(way?.nodes === 1 ? ["The only node of its kind."] : []),
    ...(slot.reserve_by === "node" && slot.node_type && !slot.parts
      ? ["Reserve by name: other nodes of the type do not match, and Blazar picks any."]
      : []),
    ...(slot.kept_for_projects ? [`Some nodes are ${restrictedNote}.`] : []),
  ].join(" ");

// describeFree says how long a slot's nodes stay free, where that is known.
export const describeFree = ({ end, extendable_until: until }, now) => {
  if (until === undefined) return "";
  if (until === null) return "Can be extended beyond the search’s end.";
  const time = Date.parse(until);
  return time - Date.parse(end) < hour ? "Cannot be extended." : `Can be extended until ${formatTime(time, now)}.`;
};

// heading says whether there is a slot, and in how many ways; if there is none, when there is
// one, or whether there are near misses.
export const heading = (ways, near, now, asked = 1) => {
  if (ways.length) return ways.length > 1 ? `Yes, in ${ways.length} ways` : "Yes";
  const later = near.find(({ let_go: name }) => name === "before");
  if (later) return `No, not before ${formatTime(Date.parse(later.slot.start), now)}`;
  const some = near.some(({ let_go: name, query }) => name !== "count" || 2 * new URLSearchParams(query).get("count") >= asked);
  return some ? "No, but nearly" : "No";
};
