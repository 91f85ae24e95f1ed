// Badges: the states of nodes in tables.
import { make } from "./dom.js";
import { restrictedNote, stateNames } from "./live.js";
import { pageZone } from "./zone.js";

const formats = {
  clock: { hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  year: { day: "numeric", month: "short", year: "numeric" },
};
let format;

// formatTime writes a time of day, the day too, or the day and its year, as far
// as needed, in the page's zone.
const formatTime = (t) => {
  format ??= Object.fromEntries(Object.entries(formats).map(([name, of]) => [name, pageZone().format(of)]));
  const hours = Math.abs(t - Date.now()) / 3600e3;
  const date = new Date(t);
  return make(
    "time",
    { class: "nb", datetime: date.toISOString(), title: date.toUTCString() },
    (hours < 12 ? format.clock : hours < 24 * 180 ? format.day : format.year).format(t),
  );
};

// showBadge shows a state in an element, or nothing without one.
export const showBadge = (element, state) => {
  if (!state) {
    element.replaceChildren();
    return;
  }
  const badge = make("span", { class: `badge ${state.name}` }, stateNames[state.name]);
  if (state.until) badge.append(" until ", formatTime(state.until));
  element.replaceChildren(badge, ...(state.restricted ? [" ", make("span", { class: "quiet" }, restrictedNote)] : []));
};
