// The timeline: a lane for each node, with what is reserved, in a picture and
// in a table.
import { counted, draw, make } from "./dom.js";
import { busy, keptFor, states, words } from "./live.js";
import { Zone, steps } from "./zone.js";

const day = 24 * 3600e3;
const spans = [["1 day", day], ["3 days", 3 * day], ["1 week", 7 * day], ["1 month", 30 * day], ["3 months", 91 * day]];
const usual = 2;
const first = 25; // lanes, until one asks for all
const furthest = 366 * day;

// Sizes in pixels. Where the picture is narrow, names stand above their lanes.
const narrow = 640;
const sizes = { axis: 36, names: 170, lane: 14, pitch: 24, high: 38, letter: 7.5 };

const shorten = (text, room) => {
  const letters = [...text];
  return letters.length <= room ? text : `${letters.slice(0, room - 1).join("")}…`;
};

// Timeline shows when nodes are free. One opens it at a place, with the nodes as
// the live service knows them.
export class Timeline {
  constructor(place, items, link) {
    this.now = Date.now();
    this.link = link;
    this.nodes = items.map((item) => ({ item, busy: busy(item) }));
    this.arrange();
    this.shown = first;
    this.zone = new Zone(false);
    this.build(place);
    this.zoom(usual);
    this.tabulate();
    // Drawing makes the frame higher, so it waits until its size has been seen.
    new ResizeObserver(() => requestAnimationFrame(() => {
      if (this.frame.clientWidth !== this.width) this.draw();
    })).observe(this.frame);
  }

  // arrange puts the lanes in order. Those that are free come first, the longest
  // in front, then those that will be soonest. What has no such time stays as it
  // is.
  arrange() {
    for (const n of this.nodes) {
      n.state = states.get(n.item.node_id);
      n.busy = n.busy.filter(([, end]) => end > this.now);
    }
    const rank = Object.keys(words);
    const turn = ({ state }) => (state.name === "available" ? -(state.until || Infinity) : state.until);
    this.nodes.sort((a, b) => rank.indexOf(a.state.name) - rank.indexOf(b.state.name) || (turn(a) < turn(b) ? -1 : turn(a) > turn(b) ? 1 : 0));
  }

  build(place) {
    const button = (text, act) => {
      const b = make("button", { type: "button" }, text);
      b.addEventListener("click", act);
      return b;
    };
    this.zooms = spans.map(([name], i) => button(name, () => this.zoom(i)));
    const utc = make("input", { type: "checkbox", name: "utc" });
    utc.addEventListener("change", () => {
      this.zone = new Zone(utc.checked);
      this.draw();
      this.tabulate();
    });
    this.range = make("p", { class: "quiet", role: "status" });
    this.frame = make("div", { class: "timeline", tabindex: "0", role: "group", "aria-label": "Timeline: arrow keys move it, plus and minus zoom, Home is now" });
    this.frame.addEventListener("keydown", (e) => this.key(e));
    this.all = button("Show all", () => {
      this.shown = this.nodes.length;
      this.draw();
      this.tabulate();
      this.frame.focus(); // the button is gone
    });
    this.some = make("span");
    this.rest = make("p", { class: "bar" }, this.some, this.all);
    this.table = make("tbody");
    place.append(
      make("div", { class: "bar" },
        make("div", { role: "group", "aria-label": "Zoom" }, ...this.zooms),
        make("div", { role: "group", "aria-label": "Move" }, button("Earlier", () => this.move(-1)), button("Now", () => this.home()), button("Later", () => this.move(1))),
        make("label", {}, utc, " UTC")),
      this.range, this.frame, this.legend(), this.rest,
      make("details", {}, make("summary", {}, "The timeline as a table"),
        make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Reservations" }, make("table", { class: "reservations" },
          make("thead", {}, make("tr", {}, ...["Node", "Now", "Reserved from", "To"].map((t) => make("th", { scope: "col" }, t)))), this.table))));
  }

  legend() {
    const kinds = ["available", "reserved", "maintenance", "unknown", "absent"].filter((name) =>
      ["available", "reserved"].includes(name) || this.nodes.some((n) => n.state.name === name));
    return make("p", { class: "legend", "aria-hidden": "true" }, ...kinds.map((name) =>
      make("span", {}, draw("svg", { width: 28, height: sizes.lane }, this.block(name, 0.5, 0.5, 27, sizes.lane - 1)), ` ${words[name]}`)));
  }

  key(e) {
    const act = {
      ArrowLeft: () => this.move(-0.5), ArrowRight: () => this.move(0.5), Home: () => this.home(),
      "+": () => this.zoom(this.span - 1), "=": () => this.zoom(this.span - 1), "-": () => this.zoom(this.span + 1),
    }[e.key];
    if (!act || e.altKey || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    act();
  }

  get long() { return spans[this.span][1]; }

  // zoom shows so much time, from where the picture starts or from now.
  zoom(span) {
    const atNow = this.from === undefined || this.from < this.now;
    this.span = Math.min(Math.max(span, 0), spans.length - 1);
    this.zooms.forEach((b, i) => b.setAttribute("aria-pressed", i === this.span));
    if (atNow) this.from = -Infinity;
    this.move(0);
  }

  // move shows a time later by so many widths. What is past is not known.
  move(by) {
    this.from = Math.min(Math.max(this.from + by * this.long, this.now - this.long / 30), this.now + furthest);
    this.draw();
  }

  // tick moves the line of now. Without news the table stays as it is: somebody
  // may be in it.
  tick(news) {
    this.now = Date.now();
    if (news) {
      this.arrange();
      this.tabulate();
    }
    this.draw();
  }

  home() {
    this.from = -Infinity;
    this.move(0);
  }

  draw() {
    this.width = this.frame.clientWidth;
    const lanes = this.nodes.slice(0, this.shown);
    const wide = this.width >= narrow;
    const left = wide ? sizes.names : 0;
    const pitch = wide ? sizes.pitch : sizes.high;
    const height = sizes.axis + lanes.length * pitch + 4;
    const to = this.from + this.long;
    const x = (t) => left + ((Math.min(Math.max(t, this.from), to) - this.from) / this.long) * (this.width - left);
    const text = `${this.zone.full(this.from)} to ${this.zone.full(to)}, ${this.zone.name}`;
    const svg = draw("svg", { role: "img", width: this.width, height, "aria-labelledby": "timeline-title timeline-about" },
      draw("title", { id: "timeline-title" }, `When ${counted(lanes.length, "node is", "nodes are")} free: ${text}`),
      draw("desc", { id: "timeline-about" }, "The table below has the same."),
      this.patterns(), this.axis(x, left, to, height));
    lanes.forEach((n, i) => svg.append(this.lane(n, x, left, sizes.axis + i * pitch, pitch, to, wide)));
    if (this.now >= this.from && this.now <= to) {
      svg.append(draw("line", { class: "now", x1: x(this.now), x2: x(this.now), y1: sizes.axis - 4, y2: height }));
    }
    this.frame.replaceChildren(svg);
    if (this.shownText !== text) this.range.textContent = `Shown: ${text}.`; // said once
    this.shownText = text;
    this.rest.hidden = lanes.length === this.nodes.length;
    this.some.textContent = `${lanes.length} of ${this.nodes.length} nodes: those that are free first.`;
  }

  patterns() {
    return draw("defs", {},
      draw("pattern", { id: "timeline-reserved", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, draw("rect", { class: "stripe", width: 3.5, height: 7 })),
      draw("pattern", { id: "timeline-maintenance", width: 6, height: 6, patternUnits: "userSpaceOnUse" }, draw("circle", { class: "dot", cx: 3, cy: 3, r: 1.3 })));
  }

  axis(x, left, to, height) {
    const perTime = (this.width - left) / this.long;
    const at = steps.findIndex((s) => s.long * perTime >= s.room);
    const step = steps[at];
    const group = draw("g", { class: "axis" });
    for (const t of at > 0 && steps[at - 1].long * perTime >= 8 ? this.zone.ticks(steps[at - 1], this.from, to) : []) {
      group.append(draw("line", { class: "minor", x1: x(t), x2: x(t), y1: sizes.axis, y2: height }));
    }
    let over = "";
    let free = -Infinity; // up to where the upper row is written
    const ticks = this.zone.ticks(step, this.from, to);
    ticks.forEach((t, i) => {
      group.append(draw("line", { x1: x(t), x2: x(t), y1: sizes.axis - 6, y2: height }));
      const label = this.zone.label(step, t);
      if (x(t) + label.length * sizes.letter < this.width) group.append(draw("text", { x: x(t) + 3, y: sizes.axis - 8 }, label));
      const name = this.zone.over(step, t);
      // The first stands where it ends if the next would not fit beside it.
      const next = ticks.find((u) => u > t && this.zone.over(step, u) !== name);
      const room = name.length * sizes.letter;
      if (name === over || (i === 0 && next && x(next) - x(t) < room) || x(t) < free || x(t) + room > this.width) return;
      over = name;
      free = x(t) + room;
      group.append(draw("text", { class: "over", x: x(t) + 3, y: 12 }, name));
    });
    return group;
  }

  lane({ item, busy: reserved, state }, x, left, top, pitch, to, wide) {
    const y = top + pitch - sizes.lane - 5;
    const name = item.node_name ?? item.node_id;
    const group = draw("g", { class: "lane", "data-node": item.node_id },
      draw("text", wide ? { x: 0, y: y + sizes.lane - 3 } : { x: 0, y: y - 4 }, shorten(name, wide ? Math.floor(left / sizes.letter) - 1 : Math.floor(this.width / sizes.letter))));
    const from = x(this.from);
    group.append(this.block(state.name === "reserved" ? "available" : state.name, from, y, x(to) - from, sizes.lane));
    if (state.name !== "available" && state.name !== "reserved") {
      group.append(draw("text", { class: "said", x: from + (x(to) - from) / 20 + 4, y: y + sizes.lane - 3 }, words[state.name]));
      return group;
    }
    for (const [start, end] of reserved) {
      if (end <= this.from || start >= to) continue;
      const block = this.block("reserved", x(start), y, Math.max(x(end) - x(start), 2), sizes.lane);
      block.append(draw("title", {}, `${name} is reserved: ${this.zone.full(start)} to ${this.zone.full(end)}`));
      group.append(block);
    }
    return group;
  }

  // block is a stretch of a lane: told apart by its pattern, not by its colour
  // alone.
  block(name, x, y, width, height) {
    const pattern = name === "reserved" || name === "maintenance" ? `url(#timeline-${name})` : undefined;
    return draw("g", { class: `block ${name}` }, draw("rect", { x, y, width, height }), pattern ? draw("rect", { class: "over", x, y, width, height, fill: pattern }) : "");
  }

  // tabulate writes the table, which has all that is known of the nodes shown.
  tabulate() {
    this.table.replaceChildren(...this.nodes.slice(0, this.shown).flatMap(({ item, busy: reserved, state }) => {
      const times = reserved.length ? reserved : [null];
      const time = (t) => make("td", {}, make("time", { datetime: new Date(t).toISOString() }, this.zone.full(t)));
      return times.map((r, i) => make("tr", {},
        ...(i ? [] : [
          make("th", { scope: "row", rowspan: times.length }, make("a", { href: this.link(item) }, item.node_name ?? item.node_id)),
          make("td", { rowspan: times.length }, state.kept ? `${words[state.name]}, ${keptFor}` : words[state.name]),
        ]),
        ...(r ? r.map(time) : [make("td", { colspan: 2 }, "–")])));
    }));
  }
}
