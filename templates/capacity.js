// How many nodes are free over time, from the reservations of each: a stepped line, exact at
// every change.
import { draw, make, number } from "./dom.js";
import { isByFlavor, isReservable, reservedTimes } from "./live.js";
import { formatTime } from "./ways.js";
import { pageZone } from "./zone.js";

const day = 24 * 3600e3;
const dayFormat = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });
const height = 100;
const width = 1000;

// stepsOf returns [time, free nodes] from a time on, one for each change until another.
export const stepsOf = (items, from, to) => {
  const nodes = items.filter(isReservable);
  const changes = new Map([[from, 0]]);
  const add = (t, by) => changes.set(t, (changes.get(t) ?? 0) + by);
  for (const [start, end] of nodes.flatMap(reservedTimes)) {
    if (end <= from || start >= to) continue;
    add(Math.max(start, from), -1);
    if (end < to) add(end, 1);
  }
  let free = nodes.length;
  return [...changes].sort(([a], [b]) => a - b).map(([t, by]) => [t, (free += by)]);
};

// leastByDay are the fewest free nodes of each of so many days from a time on.
export const leastByDay = (items, from, days) => {
  const steps = stepsOf(items, from, from + days * day);
  const least = [];
  let at = 0;
  for (let d = 0; d < days; d++) {
    let fewest = steps[at][1]; // as the day begins
    for (; at + 1 < steps.length && steps[at + 1][0] < from + (d + 1) * day; at++) {
      const [t, n] = steps[at + 1];
      fewest = t === from + d * day ? n : Math.min(fewest, n);
    }
    least.push(fewest);
  }
  return least;
};

// describeSteps says how many are free now, and when the fewest are.
export const describeSteps = (steps, now) => {
  const free = steps[0][1];
  const [t, fewest] = steps.reduce((least, step) => (step[1] < least[1] ? step : least));
  const less = fewest < free ? ` Fewest: ${number.format(fewest)} on ${formatTime(t, now)} ${pageZone().name}.` : " Never fewer.";
  return `${number.format(free)} free now.${less}`;
};

// pathOf is the line of steps in a picture, without what closes it.
const pathOf = (steps, from, to, all) => {
  const x = (t) => (((t - from) / (to - from)) * width).toFixed(1);
  const y = (n) => (height - (n / all) * height).toFixed(1);
  return `M0 ${y(steps[0][1])}${steps.slice(1).map(([t, n]) => `H${x(t)}V${y(n)}`).join("")}H${width}`;
};

// showCapacity draws the free nodes of items over so many days into a section.
export const showCapacity = (section, items, now, days = 28) => {
  const all = items.filter((item) => !isByFlavor(item)).length;
  const to = now + days * day;
  const steps = stepsOf(items, now, to);
  const line = pathOf(steps, now, to, all);
  const text = describeSteps(steps, now);
  const labels = Array.from({ length: 7 }, (_, i) => dayFormat.format(now + (i * (to - now)) / 7));

  const picture = draw(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": text },
    draw("rect", { class: "all", width, height }),
    draw("path", { class: "area", d: `${line}V${height}H0Z` }),
    draw("path", { class: "line", d: line }),
  );
  const marks = [all, ...(all > 1 ? [Math.round(all / 2)] : []), 0].map((n) => make("span", {}, number.format(n)));
  section.querySelectorAll(":scope > :not(h2)").forEach((e) => e.remove());
  section.append(
    make("p", {}, text),
    make(
      "div",
      { class: "panel" },
      make(
        "div",
        { class: "cap" },
        make("div", { class: "y", "aria-hidden": "true" }, ...marks),
        picture,
        make("div", { class: "days", "aria-hidden": "true" }, ...labels.map((l) => make("span", {}, l))),
      ),
    ),
  );
  section.hidden = false;
};
