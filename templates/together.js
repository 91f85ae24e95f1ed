// When several nodes are free together.
import { isReservable, reservedTimes } from "./live.js";

// freeTogether finds the first time, from a time on, at which all nodes of availability
// items, which have their reservations, are free for so long: [start, end] in milliseconds,
// with Infinity for no end. Nodes that cannot be reserved are named instead.
export const freeTogether = (items, from, length = 1) => {
  const never = items.filter((item) => !isReservable(item));
  if (never.length) return { never };

  const taken = items.flatMap(reservedTimes).sort(([a], [b]) => a - b);
  let start = from;
  for (const [begin, end] of taken) {
    if (begin - start >= length) return { start, end: begin };
    start = Math.max(start, end);
  }
  return { start, end: Infinity };
};
