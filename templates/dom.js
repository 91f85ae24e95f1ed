// Elements, made in one expression.

const complete = (e, attributes, children) => {
  for (const [k, v] of Object.entries(attributes)) {
    if (v === true) e.setAttribute(k, "");
    else if (v !== false && v !== undefined) e.setAttribute(k, v);
  }
  e.append(...children);
  return e;
};

// make is an element of a page.
export const make = (name, attributes = {}, ...children) => complete(document.createElement(name), attributes, children);

// draw is an element of a picture.
export const draw = (name, attributes = {}, ...children) =>
  complete(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

// number writes a count.
export const number = new Intl.NumberFormat("en");

// counted writes a count of things.
export const counted = (n, one, many = `${one}s`) => `${number.format(n)} ${n === 1 ? one : many}`;
