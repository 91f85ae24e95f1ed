// What the live service says of the nodes of a page, and the words for it.
import { make } from "./dom.js";

// ask gets JSON; its body is null where there is none.
export const ask = async (address) => {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    const json = answer.ok || answer.status === 422;
    return { status: answer.status, body: json ? await answer.json() : null };
  } catch {
    return { status: 0, body: null };
  }
};

export const silent = "When nodes are free is not known now: the live service does not answer.";

// load asks when nodes are free, in one request; in more where the nodes are
// more than an answer holds. It gives null where nobody answers.
export const load = async (address) => {
  const url = new URL(address, location.href);
  const all = { items: [], sites: new Map(), madeUp: false };
  for (;;) {
    const { status, body } = await ask(url);
    if (status !== 200 || !Array.isArray(body?.items)) return null;
    all.items.push(...body.items);
    for (const site of body.sites) all.sites.set(site.site_id, site);
    all.madeUp = body.demonstration === true;
    if (!body.items.length || all.items.length >= body.total) return all;
    url.searchParams.set("offset", all.items.length);
  }
};

// states are those of the page's nodes, by uid. The event "states" on the
// document tells that they are known, and that time has gone on.
export const states = new Map();

// busy is the time that an item's reservations take: [start, end] in
// milliseconds, in order, and apart from each other.
export const busy = (item) => {
  const all = (item.reservations ?? []).map((r) => [Date.parse(r.start), Date.parse(r.end)]).filter(([start, end]) => start < end);
  all.sort((a, b) => a[0] - b[0]);
  const merged = [];
  for (const [start, end] of all) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
};

// isByFlavor says whether a node is a host of virtual machines, which nobody can
// lease as a complete machine.
export const isByFlavor = (item) => item.leased_by === "flavor";

// known is until when an item without reservations is as it says: a node that is
// reserved until nothing follows at once. It is NaN for no end.
const known = (item) => Date.parse((item.availability === "reserved" && item.free_from) || item.availability_until);

// isOver says whether something has changed of which an item without
// reservations does not tell what comes after.
const isOver = (item, now) => !item.reservations && known(item) <= now;

// outdated says whether it is time to ask again.
export const outdated = (live, now) => live.items.some((item) => isOver(item, now));

// stateOf says what a node is now, and until when: until is NaN for no end. A
// node that is unknown although its site has answered is none that can be
// reserved.
const stateOf = (item, sites, now) => {
  const name = item.availability;
  if (isByFlavor(item)) return { name: "flavor", until: NaN };
  if (name === "unknown") return { name: sites.get(item.site_id)?.last_synced ? "absent" : "unknown", until: NaN };
  if (name === "maintenance") return { name, until: NaN };
  if (!item.reservations) {
    if (!isOver(item, now)) return { name, until: known(item) };
    // What follows is known, but not until when it lasts.
    return { name: name === "available" ? "reserved" : "available", until: NaN };
  }
  const next = busy(item).find(([, end]) => end > now);
  if (!next) return { name: "available", until: NaN };
  return next[0] > now ? { name: "available", until: next[0] } : { name: "reserved", until: next[1] };
};

// judge says what the nodes are at a time, and returns whether that is news.
export const judge = (live, now) => {
  let news = false;
  for (const item of live.items) {
    const state = { ...stateOf(item, live.sites, now), kept: item.kept_for_projects === true };
    const old = states.get(item.node_id);
    if (old?.name === state.name && Object.is(old.until, state.until) && old.kept === state.kept) continue;
    states.set(item.node_id, state);
    news = true;
  }
  return news;
};

// The words for states.
export const words = {
  available: "free",
  reserved: "reserved",
  maintenance: "maintenance",
  unknown: "unknown",
  absent: "cannot be reserved",
  flavor: "by flavor",
};

// keptFor marks nodes that Blazar has a list of projects for. Others may be able
// to reserve them, so that they are not hidden.
export const keptFor = "kept for some projects";

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const year = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

// when writes a time of day, the day too, or the day and its year, as far as it
// needs, in the reader's zone.
const when = (t) => {
  const far = Math.abs(t - Date.now()) / 3600e3;
  const date = new Date(t);
  return make("time", { datetime: date.toISOString(), title: date.toUTCString() }, (far < 12 ? clock : far < 24 * 180 ? day : year).format(t));
};

// badge shows a state in a table's cell, or nothing for null.
export const badge = (cell, state) => {
  if (!state) {
    cell.replaceChildren();
    return;
  }
  const span = make("span", { class: `badge ${state.name}` }, words[state.name]);
  if (state.until) span.append(" until ", when(state.until));
  cell.replaceChildren(span, ...(state.kept ? [" ", make("span", { class: "quiet" }, keptFor)] : []));
};

// ago writes how old data is.
const ago = (time) => {
  const seconds = Math.round((time - Date.now()) / 1000);
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (seconds > -90) return "just now";
  if (seconds > -5400) return relative.format(Math.round(seconds / 60), "minute");
  if (seconds > -129600) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86400), "day");
};

// since writes how old data is that is old. A time of the future says nothing.
const since = (time) => (time > Date.now() + 60000 ? "nobody knows how old" : `as of ${ago(time)}`);

// note says how far the data can be trusted: whether it is made up, how old it
// is, and what is missing.
export const note = (live) => {
  if (!live) return silent;
  const text = live.madeUp ? ["These reservations are made up, to show what real ones look like."] : [];
  const sites = [...live.sites.values()];
  const fresh = sites.filter((s) => s.last_synced && !s.stale).map((s) => Date.parse(s.last_synced));
  if (fresh.length) text.push(`Who is free: as of ${ago(Math.min(...fresh))}.`);
  for (const s of sites.filter((s) => s.last_synced && s.stale)) text.push(`The data of ${s.site_id} is old: ${since(Date.parse(s.last_synced))}.`);
  const never = sites.filter((s) => !s.last_synced).map((s) => s.site_id);
  if (never.length) text.push(`Nothing is known yet of the nodes at ${never.join(", ")}.`);
  if (!sites.length) text.push("The live service does not know these nodes.");
  return text.join(" ");
};
