// What the pages of types, sites and clusters have in common: how many of their nodes are free now,
// in the next weeks, and in the past ones.
import { showCapacity } from "./capacity.js";
import { make, number, whenSeen } from "./dom.js";
import { showLarge } from "./free.js";
import { showPast } from "./heat.js";
import { stateNames } from "./live.js";

// countStates counts how many nodes are in each state, without hosts of virtual machines: state → number.
export const countStates = (states) => {
  const counts = new Map();
  for (const { name } of states) if (name !== "flavor") counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};

// sum adds up numbers.
const sum = (counts) => [...counts.values()].reduce((a, b) => a + b, 0);

// showTotal writes how many of all nodes are free in large, and how many are in which state.
export const showTotal = (states) => {
  const counts = countStates(states.values());
  const free = counts.get("available") ?? 0;
  const now = document.getElementById("free-now");
  document.getElementById("free-label").textContent = "Free now";
  showLarge(now, free, sum(counts));
  showStates(document.getElementById("states"), counts);
};

const marks = { available: "f", reserved: "r", maintenance: "m", unknown: "u", absent: "u" };

// showStates lists the states, each with a link to its nodes where the list knows it.
const showStates = (place, counts) => {
  if (!place) return;
  const names = Object.keys(marks).filter((name) => counts.get(name));
  place.replaceChildren(
    ...names.map((name) => {
      const url = new URL(place.dataset.list, location.href);
      url.searchParams.set("availability", name === "absent" ? "unknown" : name);
      const text = `${number.format(counts.get(name))} ${stateNames[name]}`;
      return make("span", { class: `st ${marks[name]}` }, make("a", { href: url }, text));
    }),
  );
};

// Overview keeps these sections of a page.
export class Overview {
  constructor() {
    this.capacity = document.getElementById("capacity");
    this.past = document.getElementById("past");
    if (this.past) whenSeen(this.past, this.past, () => showPast(this.past, Date.now()));
  }

  show(states, items) {
    showTotal(states);
    if (this.capacity) showCapacity(this.capacity, items, Date.now());
    if (this.past) this.past.hidden = false;
    document.getElementById("timeline").closest("section").hidden = false;
  }
}
