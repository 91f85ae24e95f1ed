// Time as a filter of the list: free now, or free for so many hours from now or from a
// start. The parameters are those of a search in the API.
import { stateNames } from "./live.js";
import { readList } from "./url.js";

const hour = 3600e3;
const order = Object.keys(stateNames);

// readWhen reads the time that a query asks for, null for none. Start is a text, "" for now.
export const readWhen = (query) => {
  const states = readList(query, "availability");
  const hours = Number(query.getAll("hours").at(-1) ?? 0) || 0;
  const start = hours > 0 ? (query.getAll("start").at(-1) ?? "") : "";
  return states.length || hours > 0 ? { states, hours, start } : null;
};

// passWhen says of each node whether it has the time that is asked for, by the nodes'
// states. Later are the uids of those that are free from a start on, which states do not
// tell.
export const passWhen = ({ states, hours, start }, uids, stateOf, later, now) =>
  Uint8Array.from(uids, (uid) => {
    const { name, until } = stateOf.get(uid) ?? { name: "unknown", until: NaN };
    const known = name === "absent" ? "unknown" : name;
    if (states.length && !states.includes(known)) return 0;
    if (!hours) return 1;
    if (start) return later.has(uid) ? 1 : 0;
    return name === "available" && !(until < now + hours * hour) ? 1 : 0;
  });

// compareStates orders states: first what is free, the longest in front, then what will be
// free soonest.
const compareStates = (a, b) => {
  const turn = ({ name, until }) => (name === "available" ? -(until || Infinity) : until || Infinity);
  const [m, n] = [turn(a), turn(b)];
  return order.indexOf(a.name) - order.indexOf(b.name) || (m < n ? -1 : m > n ? 1 : 0);
};

// rankStates numbers nodes by their states; those that are alike have the same number.
export const rankStates = (uids, stateOf) => {
  const none = { name: "unknown", until: NaN };
  const all = uids.map((uid, i) => ({ i, state: stateOf.get(uid) ?? none }));
  all.sort((a, b) => compareStates(a.state, b.state));
  const ranks = new Float64Array(uids.length);
  all.forEach(({ i, state }, at) => {
    const before = all[at - 1];
    ranks[i] = before && compareStates(before.state, state) === 0 ? ranks[before.i] : at;
  });
  return ranks;
};

// describeHours writes a duration: "3 days", "25 hours".
export const describeHours = (hours) => {
  const [n, unit] = hours % 24 === 0 && hours > 24 ? [hours / 24, "day"] : [hours, "hour"];
  return `${n} ${unit}${n === 1 ? "" : "s"}`;
};

// describeWhen writes what is asked for: "free for 24 hours from 2026-12-01".
export const describeWhen = ({ states, hours, start }) =>
  [
    ...(states.length ? [states.map((s) => (s === "available" ? "free now" : `${stateNames[s] ?? s} now`)).join(" or ")] : []),
    ...(hours ? [`free for ${describeHours(hours)}${start ? ` from ${start}` : ""}`] : []),
  ].join(", ");
