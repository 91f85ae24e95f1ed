// Whether a node is to be had, and until when: a sentence, the next two weeks as a bar, and all
// its free times as a table. Times are UTC.
import { gapsOf, partOf } from "./bars.js";
import { counted, make } from "./dom.js";
import { reservedTimes, restrictedNote } from "./live.js";
import { formatTime } from "./ways.js";

const hour = 3600e3;
const day = 24 * hour;
const days = 14;
const mostRows = 30;

const dayFormat = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });

// lengthOf writes how long a time is: in hours as far as people think in these.
export const lengthOf = (length) => {
  const hours = Math.floor(length / hour);
  if (hours < 1) return counted(Math.max(Math.floor(length / 60e3), 1), "minute");
  return hours <= days * 24 ? counted(hours, "hour") : counted(Math.round(hours / 24), "day");
};

// freeTimes are the times between reservations, from a time on: [start, end], the last of which
// has Infinity for its end.
export const freeTimes = (reserved, now) => gapsOf(reserved, now, Infinity);

// describeNow says what a state means for who wants the node: its name, what belongs to it, until
// when ([before, time, after], null for no time), and what comes then.
export const describeNow = ({ name, until }, reserved, now) => {
  switch (name) {
    case "available":
      return until
        ? { title: "Free now", until: ["until", until, lengthOf(until - now)] }
        : { title: "Free now", text: "and no later reservation is known" };
    case "reserved": {
      if (!until) return { title: "Reserved now", text: "and nobody knows until when" };
      const [, end] = freeTimes(reserved, until)[0];
      const then = end === Infinity ? "Then free, as far as is known." : `Then free for ${lengthOf(end - until)}, until ${formatTime(end, now)}.`;
      return { title: "Reserved", until: ["until", until, `${lengthOf(until - now)} more`], then };
    }
    case "maintenance":
      return { title: "In maintenance", then: "It cannot be reserved until its operators enable it again, and they do not say when." };
    case "absent":
      return { title: "Not reservable", then: "The reservation system of its site does not know this node." };
    default:
      return { title: "Unknown", then: "The reservation system of its site has not answered yet." };
  }
};

// timeOf is a time in the page, with the reader's own in its title.
export const timeOf = (t, now) =>
  make("time", { datetime: new Date(t).toISOString(), title: `${new Date(t).toLocaleString()} where you are` }, formatTime(t, now));

// showNow writes the sentence into an element.
export const showNow = (place, state, reserved, now) => {
  const { title, text, until, then } = describeNow(state, reserved, now);
  const parts = [make("strong", { class: `badge ${state.name}` }, title)];
  if (until) parts.push(` ${until[0]} `, timeOf(until[1], now), `, ${until[2]}`);
  if (text) parts.push(` ${text}`);
  if (state.restricted) parts.push(", ", make("span", {}, restrictedNote));
  if (then) parts.push(make("small", {}, then));
  place.replaceChildren(...parts);
};

// barOf is so many days from a time on as a bar: what is reserved of them, and what is over.
export const barOf = ({ name }, reserved, from, now, length = days) => {
  const known = name === "available" || name === "reserved";
  const bar = make("div", { class: known ? "bar" : name === "maintenance" ? "bar down" : "bar no" });
  bar.style.setProperty("--d", length);
  const to = from + length * day;
  const add = (start, end, kind) => {
    if (Math.max(start, from) < Math.min(end, to)) bar.append(partOf(kind, [start, end], [from, to]));
  };
  if (known) for (const [start, end] of reserved) add(start, end);
  add(from, now, "past");
  return bar;
};

// startOfDay is the midnight before a time.
export const startOfDay = (now) => now - (now % day);

const axis = (from) =>
  make(
    "div",
    { class: "days", "aria-hidden": "true" },
    ...Array.from({ length: days }, (_, i) => make("span", {}, i % 2 ? "" : dayFormat.format(from + i * day))),
  );

const legend = (...kinds) =>
  make("p", { class: "legend", "aria-hidden": "true" }, ...kinds.map(([kind, text]) => make("span", {}, make("i", { class: kind }), text)), make("span", {}, "Times are UTC"));

const tableOf = (times, now) => {
  const row = ([start, end], i) =>
    make(
      "tr",
      {},
      make("td", {}, i === 0 && start === now ? "Now" : timeOf(start, now)),
      make("td", {}, end === Infinity ? "no later reservation is known" : timeOf(end, now)),
      make("td", { class: "num" }, end === Infinity ? "" : lengthOf(end - start)),
    );
  const head = make("tr", {}, ...["From", "Until"].map((t) => make("th", { scope: "col" }, t)), make("th", { scope: "col", class: "num" }, "Length"));
  return make(
    "details",
    { class: "small" },
    make("summary", {}, "Free times as a table"),
    make(
      "div",
      { class: "scroll flat", tabindex: "0", role: "group", "aria-label": "Free times" },
      make("table", { class: "times" }, make("thead", {}, head), make("tbody", {}, ...times.slice(0, mostRows).map(row))),
    ),
  );
};

// showFortnight draws the two weeks of an item with a state into an element. What is open in it
// stays open.
export const showFortnight = (place, item, state, now) => {
  const reserved = reservedTimes(item).filter(([, end]) => end > now);
  const known = state.name === "available" || state.name === "reserved";
  const from = startOfDay(now);
  const times = known ? freeTimes(reserved, now) : [];
  const label = known
    ? `The next ${days} days: reserved ${counted(reserved.filter(([start]) => start < from + days * day).length, "time")}; the table has the times`
    : `The next ${days} days: not known`;
  const wasOpen = place.querySelector("details")?.open;
  place.replaceChildren(
    make("div", { class: "big-tl", role: "img", "aria-label": label }, barOf(state, reserved, from, now)),
    axis(from),
    known ? legend(["f", "free"], ["b", "reserved"]) : "",
    known ? tableOf(times, now) : "",
  );
  if (wasOpen) place.querySelector("details").open = true;
};
