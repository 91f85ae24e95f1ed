// The reader's place in the list, which is kept in the browser's history, for Back.
const delay = 400; // milliseconds in which the reader scrolls on

let timer;

// rememberPlace keeps how many rows there are, and where they are in a frame.
export const rememberPlace = (rows, frame) => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const place = { rows: rows.shown, top: frame.scrollTop, left: frame.scrollLeft, page: scrollY };
    history.replaceState({ ...history.state, place }, "");
  }, delay);
};

// restorePlace goes there. A function draws the rows before.
export const restorePlace = (rows, frame, draw) => {
  const place = history.state?.place;
  if (!place) return;
  rows.shown = place.rows;
  draw();
  frame.scrollTo(place.left, place.top);
  scrollTo(0, place.page);
};
