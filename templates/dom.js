// Elements, made in one expression, and the parts that several pages share.

const complete = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};

// make creates an HTML element.
export const make = (name, attributes = {}, ...children) =>
  complete(document.createElement(name), attributes, children);

// draw creates an SVG element.
export const draw = (name, attributes = {}, ...children) =>
  complete(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

// number formats a count.
export const number = new Intl.NumberFormat("en");

// inOrder compares texts as people expect them in lists: n2 before n10.
export const inOrder = new Intl.Collator("en", { numeric: true }).compare;

// counted formats a count with its noun.
export const counted = (n, one, many = `${one}s`) => `${number.format(n)} ${n === 1 ? one : many}`;

// run calls a function of a component, which may be asynchronous. An error shows
// in the component's root element.
export const run = async (root, action) => {
  try {
    await action();
  } catch (error) {
    console.error(error);
    root.hidden = false;
    root.querySelector(":scope > [role=alert]")?.remove();
    root.prepend(
      make("p", { role: "alert" }, `This part of the page failed: ${error.message}. Try reloading the page.`),
    );
  }
};

// whenSeen calls a function of a component once its element comes into view.
export const whenSeen = (element, root, action) => {
  const watch = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    watch.disconnect();
    run(root, action);
  });
  watch.observe(element);
};

// copy puts an element's text into the clipboard. Without TLS browsers have only
// the old way, which takes what is selected. If that fails, too, the text stays
// selected, for the reader to copy.
const copy = async (element) => {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    const copied = document.execCommand("copy");
    if (copied) getSelection().removeAllRanges();
    return copied;
  }
};

// copyButton is a button that copies an element's text.
export const copyButton = (element, label = "Copy") => {
  const button = make("button", { type: "button", "aria-live": "polite" }, label);
  let timer;
  button.addEventListener("click", async () => {
    button.textContent = (await copy(element)) ? "Copied" : "Selected";
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.textContent = label;
    }, 2000);
  });
  return button;
};
