// Badges: the states of nodes in tables.
import { make } from "./dom.js";
import { restrictedNote, stateNames } from "./live.js";

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const year = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

// formatTime writes a time of day, the day too, or the day and its year, as far
// as needed, in the reader's zone.
const formatTime = (t) => {
  const hours = Math.abs(t - Date.now()) / 3600e3;
  const date = new Date(t);
  return make(
    "time",
    { datetime: date.toISOString(), title: date.toUTCString() },
    (hours < 12 ? clock : hours < 24 * 180 ? day : year).format(t),
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
