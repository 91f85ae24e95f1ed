// URLs of pages, and the query of the page's own URL: it holds what the page
// shows, so that a link to it can be shared.

// expand fills a URL pattern such as "/sites/{site_id}" with names.
export const expand = (pattern, ...names) => {
  let next = 0;
  return pattern.replace(/\{\w+\}/g, () => encodeURIComponent(names[next++]));
};

// readList returns the values of a parameter that is a list; of repeated ones the last
// counts, as in the API. A backslash takes away the meaning of a comma or a backslash
// after it.
export const readList = (query, name) =>
  ((name && query.getAll(name).at(-1))?.match(/(?:\\[\\,]|[^,])+/g) ?? [])
    .map((value) => value.replace(/\\([\\,])/g, "$1").trim())
    .filter(Boolean);

// joinList writes values as a list.
export const joinList = (values) => values.map((value) => value.replace(/[\\,]/g, "\\$&")).join(",");

// Browsers refuse many changes of a page's URL at once, so changes wait.
const delay = 100; // milliseconds

// PageQuery is the query of the page's URL. The parts of a page that keep
// something in it share one.
export class PageQuery {
  constructor({ location, history } = window) {
    Object.assign(this, { location, history });
  }

  // read returns the query, with changes that are still to be written.
  read() {
    this.flush();
    return new URLSearchParams(this.location.search);
  }

  // write replaces the query.
  write(query) {
    const { pathname, hash } = this.location;
    const text = query.toString().replaceAll("%2C", ","); // which a query may have
    this.history.replaceState(this.history.state ?? null, "", pathname + (text ? `?${text}` : "") + hash);
  }

  // writeSoon writes the query that a function returns; of several the last.
  writeSoon(query) {
    this.pending = query;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), delay);
  }

  flush() {
    const { pending } = this;
    this.pending = undefined;
    clearTimeout(this.timer);
    if (pending) this.write(pending());
  }
}
