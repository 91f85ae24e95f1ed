// Times as parts of a bar, which shows those from one to another.
import { make } from "./dom.js";

// gapsOf are the times from one to another that are in no span. Spans are [from, to], sorted.
export const gapsOf = (spans, from, to) => {
  const gaps = [];
  let at = from;
  for (const [start, end] of spans) {
    if (start > at) gaps.push([at, Math.min(start, to)]);
    at = Math.max(at, end);
    if (at >= to) return gaps;
  }
  return [...gaps, [at, to]];
};

// partOf is a time as a part of the bar of a longer one.
export const partOf = (name, [start, end], [from, to]) => {
  const percent = (t) => `${(100 * t) / (to - from)}%`;
  const [first, last] = [Math.max(start, from), Math.min(end, to)];
  const e = make("i", name ? { class: name } : {});
  e.style.setProperty("--a", percent(Math.min(first, to) - from));
  e.style.setProperty("--w", percent(last - first));
  return e;
};
