// How many nodes are free, of how many: "free/all", with its state in color.
import { make, number } from "./dom.js";

const writeFree = (free, all) => [make("strong", {}, number.format(free)), `/${number.format(all)}`];

// freeOf is an element with it.
export const freeOf = (free, all) => make("span", { class: free ? "fa" : "fa z" }, ...writeFree(free, all));

// showFreeOf writes it into an element.
export const showFreeOf = (element, free, all) => {
  element.classList.add("fa");
  element.classList.toggle("z", free === 0);
  element.replaceChildren(...writeFree(free, all));
};

// showLarge writes it into an element as the figure of a page or a card.
export const showLarge = (element, free, all) => {
  element.className = free ? "big" : "big z";
  element.replaceChildren(number.format(free), make("small", {}, ` / ${number.format(all)}`));
};
