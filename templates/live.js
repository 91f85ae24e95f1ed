// What the live service reports about a page's nodes, and the states that follow
// from it.

import { showNotices } from "./notices.js";

// fetchJSON gets JSON. Its body is null where there is none.
export const fetchJSON = async (url) => {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    const json = response.ok || response.status === 422;
    return { status: response.status, body: json ? await response.json() : null };
  } catch {
    return { status: 0, body: null };
  }
};

// fetchAvailability gets the availability of nodes, in one request, or in more
// where the nodes do not fit into one response. It is null without the live
// service.
export const fetchAvailability = async (url, get = fetchJSON) => {
  const next = new URL(url);
  const live = { items: [], sites: new Map(), demo: false };
  for (;;) {
    const { status, body } = await get(next);
    if (status !== 200 || !Array.isArray(body?.items)) return null;
    live.items.push(...body.items);
    for (const site of body.sites) live.sites.set(site.site_id, site);
    live.demo = body.demonstration === true;
    if (!body.items.length || live.items.length >= body.total) return live;
    next.searchParams.set("offset", live.items.length);
  }
};

// reservedTimes are the times that an item's reservations take: [start, end] in
// milliseconds, sorted and merged.
export const reservedTimes = (item) => {
  const all = (item.reservations ?? [])
    .map((r) => [Date.parse(r.start), Date.parse(r.end)])
    .filter(([start, end]) => start < end);
  all.sort((a, b) => a[0] - b[0]);
  const merged = [];
  for (const [start, end] of all) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
};

// isByFlavor reports whether a node is a host of virtual machines, which nobody
// can lease as a complete machine.
export const isByFlavor = (item) => item.leased_by === "flavor";

// isReservable reports whether a node is leased as a complete machine, and is in service.
export const isReservable = (item) => !isByFlavor(item) && ["available", "reserved"].includes(item.availability);

// validUntil is until when an item without reservations is in its state: a node
// is reserved until no reservation follows at once. It is NaN for no end.
const validUntil = (item) =>
  Date.parse((item.availability === "reserved" && item.free_from) || item.availability_until);

// isOver reports whether the state of an item without reservations has ended.
const isOver = (item, now) => !item.reservations && validUntil(item) <= now;

// isOutdated reports whether it is time to ask again.
export const isOutdated = (live, now) => live.items.some((item) => isOver(item, now));

// stateOf returns a node's state now, and until when: until is NaN for no end. A
// node that is unknown although its site has answered cannot be reserved.
export const stateOf = (item, sites, now) => {
  const name = item.availability;
  if (isByFlavor(item)) return { name: "flavor", until: NaN };
  if (name === "unknown") return { name: sites.get(item.site_id)?.last_synced ? "absent" : "unknown", until: NaN };
  if (name === "maintenance") return { name, until: NaN };

  if (!item.reservations) {
    if (!isOver(item, now)) return { name, until: validUntil(item) };
    // The next state is known, but not when it ends.
    return { name: name === "available" ? "reserved" : "available", until: NaN };
  }

  const next = reservedTimes(item).find(([, end]) => end > now);
  if (!next) return { name: "available", until: NaN };
  return next[0] > now ? { name: "available", until: next[0] } : { name: "reserved", until: next[1] };
};

// updateStates sets the states of nodes, by uid, to those at a time. It returns
// whether any has changed.
export const updateStates = (states, live, now) => {
  let changed = false;
  for (const item of live.items) {
    const state = { ...stateOf(item, live.sites, now), restricted: item.kept_for_projects === true };
    const old = states.get(item.node_id);
    if (old?.name === state.name && Object.is(old.until, state.until) && old.restricted === state.restricted) continue;
    states.set(item.node_id, state);
    changed = true;
  }
  return changed;
};

// stateNames are the names of states on pages.
export const stateNames = {
  available: "free",
  reserved: "reserved",
  maintenance: "maintenance",
  unknown: "unknown",
  absent: "not reservable",
  flavor: "by flavor",
};

// restrictedNote marks nodes that Blazar has a list of projects for. The reader
// may be in one of them, so such nodes are not hidden.
export const restrictedNote = "restricted to some projects";

// formatAge writes how long ago a time was.
const formatAge = (time, now) => {
  const seconds = Math.round((time - now) / 1000);
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (seconds > -90) return "just now";
  if (seconds > -5400) return relative.format(Math.round(seconds / 60), "minute");
  if (seconds > -129600) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86400), "day");
};

// formatStale writes how old stale data is. A time in the future says nothing.
const formatStale = (time, now) =>
  time > now + 60000 ? "its age is unknown" : `last updated ${formatAge(time, now)}`;

// showAge writes into the header how old live data is, and tells the page that there is some.
export const showAge = (live, now, place = document.getElementById("state")) => {
  const synced = [...(live?.sites.values() ?? [])].filter((s) => s.last_synced);
  const fresh = synced.filter((s) => !s.stale).map((s) => Date.parse(s.last_synced));
  const dot = document.createElement("span");
  dot.className = fresh.length ? "st f" : "st u";
  dot.textContent = fresh.length ? (live.demo ? "Demo" : "Live") : synced.length ? "Stale" : "Not live";
  place.replaceChildren(dot, fresh.length ? ` ${formatAge(Math.min(...fresh), now)}` : "");
  showNotices([...(live?.sites.values() ?? [])]);
  if (live) document.dispatchEvent(new Event("live"));
};

// describeData says how far the data can be trusted: whether it is a demo, how
// old it is, and what is missing.
export const describeData = (live, now) => {
  if (!live) return "Availability is unavailable: the live service is not responding.";
  const sites = [...live.sites.values()];
  const text = live.demo ? ["Demo data: these reservations are not real."] : [];

  const fresh = sites.filter((s) => s.last_synced && !s.stale).map((s) => Date.parse(s.last_synced));
  if (fresh.length) text.push(`Availability updated ${formatAge(Math.min(...fresh), now)}.`);

  for (const s of sites.filter((s) => s.last_synced && s.stale)) {
    text.push(`Data for ${s.site_id} is stale: ${formatStale(Date.parse(s.last_synced), now)}.`);
  }

  const never = sites.filter((s) => !s.last_synced).map((s) => s.site_id);
  if (never.length) text.push(`No data yet for the nodes at ${never.join(", ")}.`);
  if (!sites.length) text.push("The live service has no data on these nodes.");
  return text.join(" ");
};
