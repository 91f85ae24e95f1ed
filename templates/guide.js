// Entry of the guide: search, buttons that copy examples, and examples with the
// URL of the site they are read on. Without scripts the contents link to all.
import { copyButton, make, run } from "./dom.js";
import { Search } from "./search.js";
import { PageQuery } from "./url.js";

const main = document.querySelector("main");
const form = document.getElementById("search");

// useOwnURL puts the site's URL into examples, which use a
// placeholder host.
const useOwnURL = () => {
  const url = new URL(main.dataset.api, location.href).href.replace(/\/$/, "");
  for (const code of main.querySelectorAll("pre code")) {
    code.textContent = code.textContent.replaceAll("https://api.example.org", url);
  }
};

// addCopyButtons adds buttons to what readers type: not to responses and outputs.
const addCopyButtons = () => {
  for (const pre of main.querySelectorAll("pre:not([data-language=''], [data-language=text], [data-language=json])")) {
    const frame = make(
      "div",
      { class: "example" },
      make("div", { class: "head" }, pre.getAttribute("aria-label"), copyButton(pre)),
    );
    pre.replaceWith(frame);
    frame.append(pre);
  }
};

const startSearch = () => {
  const search = new Search(form, new PageQuery());
  document.addEventListener("keydown", (e) => {
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, select")) return;
    e.preventDefault();
    search.focus();
  });
};

run(main, () => {
  useOwnURL();
  addCopyButtons();
});
run(form, startSearch);
