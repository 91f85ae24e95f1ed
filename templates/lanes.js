// The geometry of the timeline: which lanes it has, the time that it shows, and
// the positions of its parts. Times are in milliseconds, positions in pixels.
import { reservedTimes, stateNames } from "./live.js";
import { steps } from "./zone.js";

const day = 24 * 3600e3;
const furthest = 366 * day; // from now on

// spans are the lengths of time that the timeline can show.
export const spans = [
  ["1 day", day],
  ["3 days", 3 * day],
  ["1 week", 7 * day],
  ["1 month", 30 * day],
  ["3 months", 91 * day],
].map(([name, length]) => ({ name, length }));
const defaultSpan = 2;

// sizes are those of the picture's parts. Narrow pictures have names above lanes.
export const sizes = { narrow: 640, axis: 36, names: 170, lane: 14, pitch: 24, narrowPitch: 38, letter: 7.5 };
const minTick = 8; // between lines without a label

const order = Object.keys(stateNames);

// sortLanes makes lanes of items, in order: first the nodes that are free, the
// longest in front, then those that will be free soonest. Reservations that are
// over are left out. The order of nodes without such a time is kept.
export const sortLanes = (items, states, now) => {
  const lanes = items.map((item) => ({
    item,
    state: states.get(item.node_id),
    reserved: reservedTimes(item).filter(([, end]) => end > now),
  }));
  const turn = ({ state }) => (state.name === "available" ? -(state.until || Infinity) : state.until);
  return lanes.sort(
    (a, b) =>
      order.indexOf(a.state.name) - order.indexOf(b.state.name) ||
      (turn(a) < turn(b) ? -1 : turn(a) > turn(b) ? 1 : 0),
  );
};

// groupLanes splits lanes by what there is to see of them: those reserved now, the one that is
// free first in front; those free now and reserved later, the first in front; those without any
// reservation; and those in another state.
export const groupLanes = (lanes) => {
  const groups = { reserved: [], later: [], free: [], down: [] };
  for (const lane of lanes) {
    const { name } = lane.state;
    if (name === "reserved") groups.reserved.push(lane);
    else if (name !== "available") groups.down.push(lane);
    else (lane.reserved.length ? groups.later : groups.free).push(lane);
  }
  groups.later.reverse(); // the longest free are first among all
  return groups;
};

// Range is the time that a timeline shows. The past is not known, so it starts
// little before now.
export class Range {
  constructor(now) {
    this.now = now;
    this.span = defaultSpan;
    this.reset();
  }

  get length() {
    return spans[this.span].length;
  }

  get to() {
    return this.from + this.length;
  }

  // reset shows now.
  reset() {
    this.from = -Infinity;
    this.move(0);
  }

  // move goes on by so many lengths.
  move(by) {
    this.from = Math.min(Math.max(this.from + by * this.length, this.now - this.length / 30), this.now + furthest);
  }

  // zoom shows another span, from now if now was shown first.
  zoom(span) {
    const atNow = this.from < this.now;
    this.span = Math.min(Math.max(span, 0), spans.length - 1);
    if (atNow) this.from = -Infinity;
    this.move(0);
  }
}

// Layout places lanes in a picture of a width.
export class Layout {
  constructor(range, width) {
    Object.assign(this, { range, width });
    this.wide = width >= sizes.narrow;
    this.left = this.wide ? sizes.names : 0;
    this.pitch = this.wide ? sizes.pitch : sizes.narrowPitch;
    this.perTime = (width - this.left) / range.length; // pixels
  }

  // x is the place of a time, or of the nearest time that is shown.
  x(time) {
    const { from, to } = this.range;
    return this.left + ((Math.min(Math.max(time, from), to) - from) / this.range.length) * (this.width - this.left);
  }

  // top is the place of a lane.
  top(i) {
    return sizes.axis + i * this.pitch;
  }

  height(lanes) {
    return this.top(lanes) + 4;
  }

  // axis places the labels of a time zone's calendar: lines without a label, ticks
  // with theirs ("" where it has no room), and above them the outer labels.
  axis(zone) {
    const { from, to } = this.range;
    const at = steps.findIndex((s) => s.length * this.perTime >= s.room);
    const step = steps[at];
    const finer = steps[at - 1];
    const minor =
      finer && finer.length * this.perTime >= minTick ? zone.ticks(finer, from, to).map((t) => this.x(t)) : [];

    const times = zone.ticks(step, from, to);
    const ticks = times.map((t) => {
      const label = zone.label(step, t);
      return { x: this.x(t), label: this.fits(this.x(t), label) ? label : "" };
    });
    return { minor, ticks, outer: this.outer(times.map((t) => ({ x: this.x(t), label: zone.outerLabel(step, t) }))) };
  }

  // outer picks the labels that differ from the one before and have room: a label stands where
  // what it names begins, or nowhere.
  outer(all) {
    const outer = [];
    let end = -Infinity; // of the last label
    all.forEach(({ x, label }, i) => {
      if (i > 0 && label === all[i - 1].label) return;
      // The first is left out if the next would not fit behind it.
      const next = all.find((other, j) => j > i && other.label !== label);
      const room = label.length * sizes.letter;
      if ((i === 0 && next && next.x - x < room) || x < end || x + room > this.width) return;
      end = x + room;
      outer.push({ x, label });
    });
    return outer;
  }

  fits(x, label) {
    return x + label.length * sizes.letter < this.width;
  }

  // nameAt is where names begin: above lanes behind the line of now.
  get nameAt() {
    return this.wide ? 0 : this.width / 30 + 5;
  }

  // shorten cuts a node's name to the room that it has.
  shorten(name) {
    const room = Math.floor((this.wide ? this.left - sizes.letter : this.width - this.nameAt) / sizes.letter);
    const letters = [...name];
    return letters.length <= room ? name : `${letters.slice(0, room - 1).join("")}…`;
  }
}
