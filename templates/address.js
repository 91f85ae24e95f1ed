// Addresses: those of other pages, and the query of the page's own, which says
// what it shows, so that it can be sent to others.

// pathOf is a pattern with names in the places it has for them.
export const pathOf = (pattern, ...names) => {
  let at = 0;
  return pattern.replace(/\{\w+\}/g, () => encodeURIComponent(names[at++]));
};

// keep gives the page's address a query.
export const keep = (query) => {
  const text = query.toString();
  history.replaceState(null, "", location.pathname + (text ? `?${text}` : ""));
};

let waiting; // a function that keeps a query
let timer;

const settle = () => {
  const write = waiting;
  waiting = undefined;
  write?.();
};

// soon calls a function that keeps a query, the last of several: browsers refuse
// many changes of the address at once.
export const soon = (write) => {
  waiting = write;
  clearTimeout(timer);
  timer = setTimeout(settle, 100);
};

// kept is the query of the page's address, with what is to be kept soon.
export const kept = () => {
  settle();
  return new URLSearchParams(location.search);
};
