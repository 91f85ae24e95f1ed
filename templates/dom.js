// Elements, made in one expression, and what many pages have.

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

// copy puts an element's text into the clipboard. Without TLS browsers have but
// the old way, which takes what is selected. Where that is closed, too, the text
// stays selected, for the reader to copy.
const copy = async (e) => {
  try {
    await navigator.clipboard.writeText(e.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(e);
    const done = document.execCommand("copy");
    if (done) getSelection().removeAllRanges();
    return done;
  }
};

// copier is a button that copies an element's text.
export const copier = (e) => {
  const button = make("button", { type: "button", "aria-live": "polite" }, "Copy");
  let timer;
  button.addEventListener("click", async () => {
    button.textContent = (await copy(e)) ? "Copied" : "Selected";
    clearTimeout(timer);
    timer = setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  return button;
};
