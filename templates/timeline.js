// The timeline: a lane for each node with its reservations, in a picture and in a
// table.
import { counted, draw, make } from "./dom.js";
import { groupLanes, Layout, Range, sizes, sortLanes, spans } from "./lanes.js";
import { restrictedNote, stateNames } from "./live.js";
import { pageZone, Zone } from "./zone.js";

// Until the reader asks for all, pictures of many nodes have lanes for so many that are
// reserved, now and later; the others are named.
const fewLanes = 12;
const firstReserved = 7;
const firstLater = 5;
const firstNames = 30;

const button = (text, action) => {
  const b = make("button", { type: "button" }, text);
  b.addEventListener("click", action);
  return b;
};

// Timeline shows when nodes are free, in a root element. States are those of the
// items, by uid; tick is called after they have changed.
export class Timeline {
  constructor(root, { items, states, link }) {
    Object.assign(this, { items, states, link });
    this.range = new Range(Date.now());
    this.zone = pageZone();
    this.all = false;
    this.sort();
    this.build(root);
    this.zoom(this.range.span);
    this.tabulate();
    // Drawing makes the frame higher, so it waits until its size has been seen.
    new ResizeObserver(() =>
      requestAnimationFrame(() => {
        if (this.frame.clientWidth !== this.layout.width) this.draw();
      }),
    ).observe(this.frame);
  }

  sort() {
    this.lanes = sortLanes(this.items, this.states, this.range.now);
    this.groups = groupLanes(this.lanes);
    const { reserved, later } = this.groups;
    this.few = [...reserved.slice(0, firstReserved), ...later.slice(0, firstLater)];
  }

  // shown are the lanes in the picture.
  get shown() {
    return this.all || this.lanes.length <= fewLanes ? this.lanes : this.few;
  }

  build(root) {
    this.zooms = spans.map(({ name }, i) => button(name, () => this.zoom(i)));
    const utc = make("input", { type: "checkbox", name: "utc", checked: this.zone.utc });
    utc.addEventListener("change", () => {
      this.zone = new Zone(utc.checked);
      this.draw();
      this.tabulate();
    });
    this.status = make("p", { class: "quiet", role: "status" });
    this.frame = make("div", {
      class: "timeline",
      tabindex: "0",
      role: "group",
      "aria-label": "Timeline. Arrow keys scroll, plus and minus zoom, Home returns to now",
    });
    this.frame.addEventListener("keydown", (e) => this.key(e));
    this.omitted = make("div", { class: "omitted" });
    this.rest = make(
      "div",
      {},
      this.omitted,
      make(
        "p",
        { class: "tools" },
        button("Show all", () => this.showAll()),
      ),
    );
    this.table = make("tbody");
    root.append(
      make(
        "div",
        { class: "tools" },
        make("div", { role: "group", "aria-label": "Zoom" }, ...this.zooms),
        make(
          "div",
          { role: "group", "aria-label": "Scroll" },
          button("Earlier", () => this.move(-1)),
          button("Now", () => this.reset()),
          button("Later", () => this.move(1)),
        ),
        make("label", {}, utc, " UTC"),
      ),
      this.status,
      this.frame,
      this.legend(),
      this.rest,
      make(
        "details",
        {},
        make("summary", {}, "Timeline as a table"),
        make(
          "div",
          { class: "scroll", tabindex: "0", role: "group", "aria-label": "Reservations" },
          make(
            "table",
            { class: "reservations" },
            make(
              "thead",
              {},
              make(
                "tr",
                {},
                ...["Node", "State", "Reserved from", "Until"].map((t) => make("th", { scope: "col" }, t)),
              ),
            ),
            this.table,
          ),
        ),
      ),
    );
  }

  legend() {
    const names = ["available", "reserved", "maintenance", "unknown", "absent"].filter(
      (name) => ["available", "reserved"].includes(name) || this.lanes.some((lane) => lane.state.name === name),
    );
    return make(
      "p",
      { class: "legend", "aria-hidden": "true" },
      ...names.map((name) =>
        make(
          "span",
          {},
          draw("svg", { width: 28, height: sizes.lane }, this.block(name, 0.5, 0.5, 27, sizes.lane - 1)),
          ` ${stateNames[name]}`,
        ),
      ),
    );
  }

  key(e) {
    const action = {
      ArrowLeft: () => this.move(-0.5),
      ArrowRight: () => this.move(0.5),
      Home: () => this.reset(),
      "+": () => this.zoom(this.range.span - 1),
      "=": () => this.zoom(this.range.span - 1),
      "-": () => this.zoom(this.range.span + 1),
    }[e.key];
    if (!action || e.altKey || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    action();
  }

  zoom(span) {
    this.range.zoom(span);
    this.zooms.forEach((b, i) => b.setAttribute("aria-pressed", i === this.range.span));
    this.draw();
  }

  move(by) {
    this.range.move(by);
    this.draw();
  }

  reset() {
    this.range.reset();
    this.draw();
  }

  showAll() {
    this.all = true;
    this.draw();
    this.tabulate();
    this.frame.focus(); // the button is gone
  }

  // tick moves the line of now. If no state has changed the table stays as it is:
  // the reader may be in it.
  tick(changed) {
    this.range.now = Date.now();
    if (changed) {
      this.sort();
      this.tabulate();
    }
    this.draw();
  }

  draw() {
    const { range } = this;
    const layout = (this.layout = new Layout(range, this.frame.clientWidth));
    const lanes = this.shown;
    const height = layout.height(lanes.length);
    const text = `${this.zone.full(range.from)} to ${this.zone.full(range.to)}, ${this.zone.name}`;
    const svg = draw(
      "svg",
      { role: "img", width: layout.width, height, "aria-labelledby": "timeline-title timeline-about" },
      draw("title", { id: "timeline-title" }, `Availability of ${counted(lanes.length, "node")}: ${text}`),
      draw("desc", { id: "timeline-about" }, "The table below has the same data."),
      this.patterns(),
      this.axis(height),
      ...lanes.map((lane, i) => this.lane(lane, layout.top(i))),
    );

    if (range.now >= range.from && range.now <= range.to) {
      const x = layout.x(range.now);
      svg.append(draw("line", { class: "now", x1: x, x2: x, y1: sizes.axis - 4, y2: height }));
    }
    this.frame.replaceChildren(svg);
    this.showText(text);
  }

  showText(text) {
    const shown = `Shown: ${text}.`;
    if (this.status.textContent !== shown) this.status.textContent = shown; // screen readers read it once
    this.rest.hidden = this.shown === this.lanes;
    if (!this.rest.hidden) this.omitted.replaceChildren(...this.name());
  }

  // name lists the nodes without a lane, by why they have none.
  name() {
    const { reserved, later, free, down } = this.groups;
    return [
      ["st r", "Reserved now, and free later", reserved.slice(firstReserved)],
      ["st f", "Free now, and reserved later", later.slice(firstLater)],
      ["st f", "Free for all that is known", free],
      ["st m", "In maintenance, or unknown", down],
    ]
      .filter(([, , lanes]) => lanes.length)
      .flatMap(([state, title, lanes]) => {
        const links = lanes
          .slice(0, firstNames)
          .map(({ item }) => make("a", { href: this.link(item) }, item.node_name ?? item.node_id));
        const more = lanes.length - links.length;
        const end = more ? [make("span", { class: "muted" }, `and ${more} more`)] : [];
        return [
          make("p", {}, make("span", { class: state }, title), ` ${counted(lanes.length, "node")}`),
          make("p", { class: "nodes small" }, ...links, ...end),
        ];
      });
  }

  patterns() {
    return draw(
      "defs",
      {},
      draw(
        "pattern",
        {
          id: "timeline-reserved",
          width: 7,
          height: 7,
          patternUnits: "userSpaceOnUse",
          patternTransform: "rotate(45)",
        },
        draw("rect", { class: "stripe", width: 3.5, height: 7 }),
      ),
      draw(
        "pattern",
        { id: "timeline-maintenance", width: 6, height: 6, patternUnits: "userSpaceOnUse" },
        draw("circle", { class: "dot", cx: 3, cy: 3, r: 1.3 }),
      ),
    );
  }

  axis(height) {
    const { minor, ticks, outer } = this.layout.axis(this.zone);
    return draw(
      "g",
      { class: "axis" },
      ...minor.map((x) => draw("line", { class: "minor", x1: x, x2: x, y1: sizes.axis, y2: height })),
      ...ticks.map(({ x }) => draw("line", { x1: x, x2: x, y1: sizes.axis - 6, y2: height })),
      ...ticks
        .filter(({ label }) => label)
        .map(({ x, label }) => draw("text", { x: x + 3, y: sizes.axis - 8 }, label)),
      ...outer.map(({ x, label }) => draw("text", { class: "over", x: x + 3, y: 12 }, label)),
    );
  }

  lane({ item, reserved, state }, top) {
    const { layout, range } = this;
    const y = top + layout.pitch - sizes.lane - 5;
    const name = item.node_name ?? item.node_id;
    const group = draw(
      "g",
      { class: "lane", "data-node": item.node_id },
      draw("text", { x: layout.nameAt, y: layout.wide ? y + sizes.lane - 3 : y - 4 }, layout.shorten(name)),
    );

    const left = layout.x(range.from);
    const width = layout.x(range.to) - left;
    group.append(this.block(state.name === "reserved" ? "available" : state.name, left, y, width, sizes.lane));
    if (state.name !== "available" && state.name !== "reserved") {
      group.append(
        draw("text", { class: "state", x: left + width / 20 + 4, y: y + sizes.lane - 3 }, stateNames[state.name]),
      );
      return group;
    }

    for (const [start, end] of reserved) {
      if (end <= range.from || start >= range.to) continue;
      const x = layout.x(start);
      const block = this.block("reserved", x, y, Math.max(layout.x(end) - x, 2), sizes.lane);
      block.append(draw("title", {}, `${name} is reserved: ${this.zone.full(start)} to ${this.zone.full(end)}`));
      group.append(block);
    }
    return group;
  }

  // block is a part of a lane. Its pattern distinguishes it, not only its colour.
  block(name, x, y, width, height) {
    const pattern = name === "reserved" || name === "maintenance" ? `url(#timeline-${name})` : undefined;
    return draw(
      "g",
      { class: `block ${name}` },
      draw("rect", { x, y, width, height }),
      pattern ? draw("rect", { class: "over", x, y, width, height, fill: pattern }) : "",
    );
  }

  // tabulate writes the table, which has all that is known of the nodes shown.
  tabulate() {
    const time = (t) => make("td", {}, make("time", { datetime: new Date(t).toISOString() }, this.zone.full(t)));
    this.table.replaceChildren(
      ...this.shown.flatMap(({ item, reserved, state }) => {
        const rows = reserved.length ? reserved : [null];
        const name = stateNames[state.name];
        return rows.map((times, i) =>
          make(
            "tr",
            {},
            ...(i
              ? []
              : [
                  make(
                    "th",
                    { scope: "row", rowspan: rows.length },
                    make("a", { href: this.link(item) }, item.node_name ?? item.node_id),
                  ),
                  make("td", { rowspan: rows.length }, state.restricted ? `${name}, ${restrictedNote}` : name),
                ]),
            ...(times ? times.map(time) : [make("td", { colspan: 2 }, "–")]),
          ),
        );
      }),
    );
  }
}
