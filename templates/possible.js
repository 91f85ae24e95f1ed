// When a question can be met: a row for each way to have it, with the times in which no slot
// lies, and the chosen slot.
import { gapsOf, partOf } from "./bars.js";
import { make } from "./dom.js";
import { formatTime } from "./ways.js";
import { pageZone, steps } from "./zone.js";

const day = 24 * 3600e3;
const fewDays = 14;
const manyDays = 28;
const labels = 7;

// spansOf are the times within the slots of a way: [from, to], in order and disjoint.
export const spansOf = (way, length) => {
  const spans = [];
  for (const { first, last } of way.starts) {
    const [from, to] = [Date.parse(first), Date.parse(last) + length];
    if (spans.length && from <= spans.at(-1)[1]) spans.at(-1)[1] = to;
    else spans.push([from, to]);
  }
  return spans;
};

// windowOf is what the rows show: complete days from the first that was searched, two weeks of
// them, or four if something is later, and no more than were searched.
export const windowOf = (searched, spans, zone = pageZone()) => {
  const step = steps.find(({ unit }) => unit === "day");
  const midnights = zone.ticks(step, searched[0] - day, searched[0] + (manyDays + 1) * day);
  const first = midnights.findLastIndex((t) => t <= searched[0]);
  const isLate = spans.some(([span]) => span?.[0] > midnights[first + fewDays]);
  const last = midnights.findIndex((t) => t >= searched[1]);
  const days = Math.min(isLate ? manyDays : fewDays, last < 0 ? manyDays : last - first);
  return midnights.slice(first, first + days + 1);
};

const describe = (spans, now) =>
  spans.map(([from, to]) => `possible from ${formatTime(from, now)} to ${formatTime(to, now)}`).join(", ");

// Possible is the picture. Groups are [title, rows]; a row has a name (what is shown), a key and
// its way. Searched are the first and the last time that were.
export class Possible {
  constructor(groups, { length, searched, now }) {
    Object.assign(this, { length, searched, now, bars: new Map() });
    const all = groups.flatMap(([, rows]) => rows.map((row) => spansOf(row.way, length)));
    this.midnights = windowOf(searched, all);
    this.window = [this.midnights[0], this.midnights.at(-1)];

    const grid = make("div", { class: "tl slots" }, make("span"), this.days());
    for (const [title, rows] of groups) {
      if (!rows.length) continue;
      grid.append(make("h3", {}, title), ...rows.flatMap((row) => [row.name, this.bar(row)]));
    }
    const legend = [["", "chosen slot"], ["f", "possible"], ["b", "not as asked"]].map(([name, text]) =>
      make("span", {}, make("i", name ? { class: name } : {}), text),
    );
    this.root = make(
      "section",
      { "aria-labelledby": "possible" },
      make("div", { class: "head" }, make("h2", { id: "possible" }, "When it is possible"), make("p", { class: "legend" }, ...legend)),
      make("div", { class: "panel" }, grid),
    );
  }

  get shown() {
    return this.midnights.length - 1;
  }

  days() {
    const each = Math.ceil(this.shown / labels);
    const row = make("div", { class: "days", "aria-hidden": "true" });
    row.style.setProperty("--d", this.shown);
    for (let i = 0; i < this.shown; i += each) {
      const label = make("span", {}, pageZone().formats.day.format(this.midnights[i]).replace(",", ""));
      label.style.gridColumn = `span ${Math.min(each, this.shown - i)}`;
      row.append(label);
    }
    return row;
  }

  bar({ key, way }) {
    const spans = spansOf(way, this.length);
    const [from, to] = this.window;
    const bar = make("div", { class: "bar", role: "img", "aria-label": describe(spans, this.now) || "never" });
    bar.style.setProperty("--d", this.shown);
    if (this.searched[0] > from) bar.append(partOf("past", [from, this.searched[0]], this.window));
    const gaps = gapsOf(spans, Math.max(this.searched[0], from), Math.min(to, this.searched[1]));
    const isSeen = ([start, end]) => end - start > (to - from) / 1000;
    bar.append(...gaps.filter(isSeen).map((gap) => partOf("", gap, this.window)));
    if (this.searched[1] < to) bar.append(partOf("after", [this.searched[1], to], this.window));
    this.bars.set(key, bar);
    return bar;
  }

  // choose shows the chosen slot in the row of its way.
  choose(key, slot) {
    for (const bar of this.bars.values()) bar.querySelector(".hit")?.remove();
    this.bars.get(key)?.append(partOf("hit", [Date.parse(slot.start), Date.parse(slot.end)], this.window));
  }
}
