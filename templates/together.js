// When several nodes are free together.
import { isByFlavor, reservedTimes } from "./live.js";

// freeTogether is the first time, from a time on, at which all items are free for so long;
// null if one of them is not in service.
export const freeTogether = (items, from, length) => {
  if (items.some(({ availability }) => availability !== "available" && availability !== "reserved")) return null;
  let start = from;
  const busy = items.flatMap(reservedTimes).sort(([a], [b]) => a - b);
  for (const [begin, end] of busy) {
    if (begin - start >= length) break;
    start = Math.max(start, end);
  }
  return start;
};

// spanTogether finds the first time from now on at which all nodes of availability items,
// which have their reservations, are free: [start, end] in milliseconds, with Infinity for
// no end. Nodes that cannot be reserved now are named instead.
export const spanTogether = (items, now) => {
  const never = items.filter((item) => isByFlavor(item) || ["maintenance", "unknown"].includes(item.availability));
  if (never.length) return { never };

  const taken = items.flatMap(reservedTimes).filter(([, end]) => end > now);
  taken.sort((a, b) => a[0] - b[0]);
  let start = now;
  for (const [from, to] of taken) {
    if (from > start) return { start, end: from };
    start = Math.max(start, to);
  }
  return { start, end: Infinity };
};
