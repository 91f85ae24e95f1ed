// How many nodes were free all day in the past weeks: a square a day, and the same as a table.
import { nameDay } from "./ask.js";
import { make, number } from "./dom.js";
import { fetchJSON } from "./live.js";

const day = 24 * 3600e3;
const weeks = 13;
const names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

// firstDay is the Monday with which so many weeks begin, the last of which has a time.
export const firstDay = (now) => {
  const today = now - (now % day);
  const monday = today - ((new Date(today).getUTCDay() + 6) % 7) * day;
  return monday - (weeks - 1) * 7 * day;
};

// describePast says how busy it was in days with known numbers, null where none is known.
export const describePast = (least, start) => {
  const known = least.map((n, i) => [n, i]).filter(([n]) => n !== null && n !== undefined);
  if (!known.length) return null;
  const sorted = known.map(([n]) => n).sort((a, b) => b - a);
  const half = sorted[Math.floor((sorted.length - 1) / 2)];
  const [fewest, at] = known.reduce((a, b) => (b[0] < a[0] ? b : a));
  const of = known.length < least.length ? ` Known are ${known.length} of ${least.length} days.` : "";
  return (
    `On half of the days ${number.format(half)} or more nodes were free all day. ` +
    `Fewest: ${number.format(fewest)} on ${nameDay(start + at * day)}.${of}`
  );
};

// shade is how much of all is free, in percent. There may have been more nodes than today.
export const shade = (n, all) => Math.min(100, Math.round((100 * n) / all));

const square = (n, all) => {
  const cell = make("i", n === undefined ? { class: "gone" } : {});
  if (n === null) cell.className = "unk";
  else if (n !== undefined) cell.style.setProperty("--v", shade(n, all));
  return cell;
};

const draw = (least, all, start) =>
  make(
    "div",
    { class: "heat", "aria-hidden": "true" },
    make("span"),
    ...Array.from({ length: weeks }, (_, w) => make("span", {}, w % 4 || w === weeks - 1 ? "" : nameDay(start + w * 7 * day).slice(4))),
    ...names.flatMap((name, d) => [
      make("span", {}, d % 2 ? "" : name),
      ...Array.from({ length: weeks }, (_, w) => square(least[w * 7 + d], all)),
    ]),
  );

const legend = (least) => {
  const keys = [["none", 0], ["half", 1], ["all", 2], ...(least.includes(null) ? [["not known", null]] : [])];
  const square = (n) => {
    const key = make("i", { class: n === null ? "unk" : "h" });
    if (n !== null) key.style.setProperty("--v", shade(n, 2));
    return key;
  };
  return make(
    "p",
    { class: "legend", "aria-hidden": "true" },
    "Free all day:",
    ...keys.map(([name, n]) => make("span", {}, square(n), name)),
  );
};

const table = (least, start) =>
  make(
    "details",
    {},
    make("summary", {}, "As a table"),
    make(
      "div",
      { class: "scroll", tabindex: "0", role: "group", "aria-label": "Fewest free nodes of each day" },
      make(
        "table",
        {},
        make("thead", {}, make("tr", {}, ...["Week of", ...names].map((t) => make("th", { scope: "col" }, t)))),
        make(
          "tbody",
          {},
          ...Array.from({ length: weeks }, (_, w) =>
            make(
              "tr",
              {},
              make("th", { scope: "row" }, nameDay(start + w * 7 * day)),
              ...names.map((_, d) => make("td", { class: "num" }, String(least[w * 7 + d] ?? "–"))),
            ),
          ),
        ),
      ),
    ),
  );

// showPast asks for the past weeks, and fills a section.
export const showPast = async (section, now) => {
  const start = firstDay(now);
  const url = new URL(section.dataset.past, location.href);
  url.searchParams.set("start", new Date(start).toISOString());
  url.searchParams.set("end", new Date(now - (now % 3600e3)).toISOString());
  const { body } = await fetchJSON(url);
  const [item] = body?.items ?? [];
  const text = item && describePast(item.least, start);
  const demo = text && body.demonstration === true ? " Demo data: these days are made up, too." : "";
  section.append(make("p", {}, text ? text + demo : "No record of past days yet: the live service keeps one from its first start on."));
  if (text) {
    section.append(make("div", { class: "panel" }, draw(item.least, item.nodes, start), legend(item.least), table(item.least, start)));
  }
};
