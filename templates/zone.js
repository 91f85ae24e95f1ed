// Times and calendars, in the reader's zone or in UTC.

const hour = 3600e3;
const day = 24 * hour;

// The steps that an axis can have: a unit and how many of it, its length in
// milliseconds, how many pixels its labels need, and the part of a date that they
// leave out.
export const steps = [
  ...[1, 3, 6, 12].map((n) => ({ unit: "hour", n, length: n * hour, room: 44, outer: "day" })),
  ...[1, 2].map((n) => ({ unit: "day", n, length: n * day, room: 50, outer: "month" })),
  { unit: "week", n: 1, length: 7 * day, room: 50, outer: "month" },
  { unit: "month", n: 1, length: 30 * day, room: 40, outer: "year" },
  { unit: "year", n: 1, length: 365 * day, room: 40, outer: "year" },
];

// Zone is the reader's time zone, or UTC.
export class Zone {
  constructor(utc) {
    this.utc = utc;
    const format = (options) => this.format(options);
    this.formats = {
      hour: format({ hour: "2-digit", minute: "2-digit" }),
      day: format({ weekday: "short", day: "numeric" }),
      week: format({ day: "numeric", month: "short" }),
      month: format({ month: "short" }),
      year: format({ year: "numeric" }),
      full: format({
        weekday: "short",
        day: "numeric",
        month: "short",
        year: "numeric",
        hour: "2-digit",
        minute: "2-digit",
      }),
    };
    this.outerFormats = {
      day: format({ weekday: "short", day: "numeric", month: "short" }),
      month: format({ month: "long", year: "numeric" }),
      year: format({ year: "numeric" }),
    };
    this.name = utc ? "UTC" : this.formats.full.resolvedOptions().timeZone;
  }

  // format makes a format of times in this zone.
  format(options) {
    return new Intl.DateTimeFormat("en-GB", { timeZone: this.utc ? "UTC" : undefined, ...options });
  }

  // at is the time of a date, which may have a 32nd of January, or 25 o'clock.
  at(year, month, date, hours = 0) {
    return this.utc ? Date.UTC(year, month, date, hours) : new Date(year, month, date, hours).getTime();
  }

  // ticks are the times from one to another at which steps begin in the calendar.
  ticks(step, from, to) {
    const d = new Date(from);
    const [year, month, date, hours, weekday] = this.utc
      ? [d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate(), d.getUTCHours(), d.getUTCDay()]
      : [d.getFullYear(), d.getMonth(), d.getDate(), d.getHours(), d.getDay()];

    const nth = {
      hour: (i) => this.at(year, month, date, Math.floor(hours / step.n) * step.n + i * step.n),
      day: (i) => this.at(year, month, date + i * step.n),
      week: (i) => this.at(year, month, date - ((weekday + 6) % 7) + 7 * i),
      month: (i) => this.at(year, month + i, 1),
      year: (i) => this.at(year + i, 0, 1),
    }[step.unit];

    const all = [];
    for (let i = 0, t = nth(0); t <= to; t = nth(++i)) {
      // When clocks are changed an hour may come twice, or never.
      if (t >= from && t !== all.at(-1)) all.push(t);
    }
    return all;
  }

  // label writes a tick's label.
  label(step, t) {
    return this.formats[step.unit].format(t);
  }

  // outerLabel writes the part of a date that a tick's label leaves out.
  outerLabel(step, t) {
    return this.outerFormats[step.outer].format(t);
  }

  // full writes a complete time.
  full(t) {
    return this.formats.full.format(t);
  }

  // short writes a time: "Mon 30 Nov 00:00", with the year if it is not that of now.
  short(t, now) {
    const { year, week, day, hour } = this.formats;
    const other = year.format(t) === year.format(now) ? "" : ` ${year.format(t)}`;
    return `${day.format(t).split(/[ ,]/)[0]} ${week.format(t)}${other} ${hour.format(t)}`;
  }
}

const key = "times"; // in the browser's storage

// isLocal reports whether the reader has chosen times of their own zone.
const isLocal = () => {
  try {
    return localStorage.getItem(key) === "local";
  } catch {
    return false; // there is no storage, or none for this site
  }
};

let shared;

// pageZone is the zone of all times of the page: UTC, or the reader's if they chose it.
export const pageZone = () => (shared ??= new Zone(!isLocal()));

// otherZone names the zone that the reader can choose instead; "" if there is no other.
export const otherZone = () => {
  const local = new Zone(false).name;
  if (!pageZone().utc) return "UTC";
  return /^(Etc\/)?(UTC|UCT|GMT|Universal|Zulu)$/.test(local) ? "" : local;
};

// turnZone chooses the other zone, for all pages, and shows this one in it.
export const turnZone = () => {
  try {
    if (pageZone().utc) localStorage.setItem(key, "local");
    else localStorage.removeItem(key);
  } catch {
    return; // it cannot be remembered
  }
  location.reload();
};
