// When several nodes are free together.
import { reservedTimes } from "./live.js";

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
