// Calendars: times as people write them, in the reader's zone or in UTC.

const hour = 3600e3;
const day = 24 * hour;

// What an axis can be divided by: how long it is, from how many pixels on its
// labels fit, and what its labels leave out.
export const steps = [
  ...[1, 3, 6, 12].map((n) => ({ unit: "hour", n, long: n * hour, room: 44, over: "day" })),
  { unit: "day", n: 1, long: day, room: 50, over: "month" },
  { unit: "week", n: 1, long: 7 * day, room: 50, over: "month" },
  { unit: "month", n: 1, long: 30 * day, room: 40, over: "year" },
  { unit: "year", n: 1, long: 365 * day, room: 40, over: "year" },
];

// Zone is the reader's time zone, or UTC.
export class Zone {
  constructor(utc) {
    this.utc = utc;
    const format = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: utc ? "UTC" : undefined, ...options });
    this.formats = {
      hour: format({ hour: "2-digit", minute: "2-digit" }),
      day: format({ weekday: "short", day: "numeric" }),
      week: format({ day: "numeric", month: "short" }),
      month: format({ month: "short" }),
      year: format({ year: "numeric" }),
      full: format({ weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }),
    };
    this.overs = {
      day: format({ weekday: "short", day: "numeric", month: "long" }),
      month: format({ month: "long", year: "numeric" }),
      year: format({ year: "numeric" }),
    };
    this.name = utc ? "UTC" : this.formats.full.resolvedOptions().timeZone;
  }

  // at is the time of a date, which may have a 32nd of January, or 25 o'clock.
  at(year, month, date, hours = 0) {
    return this.utc ? Date.UTC(year, month, date, hours) : new Date(year, month, date, hours).getTime();
  }

  // ticks are the times between two at which steps begin by the calendar.
  ticks(step, from, to) {
    const d = new Date(from);
    const [year, month, date, hours, weekday] = this.utc
      ? [d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate(), d.getUTCHours(), d.getUTCDay()]
      : [d.getFullYear(), d.getMonth(), d.getDate(), d.getHours(), d.getDay()];
    const nth = {
      hour: (i) => this.at(year, month, date, Math.floor(hours / step.n) * step.n + i * step.n),
      day: (i) => this.at(year, month, date + i),
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

  // label writes a tick.
  label(step, t) { return this.formats[step.unit].format(t); }

  // over writes what a tick's label leaves out.
  over(step, t) { return this.overs[step.over].format(t); }

  // full writes a time with all that it has.
  full(t) { return this.formats.full.format(t); }
}
