// The headings of the list's table: buttons that sort.
import { make } from "./dom.js";

// Headings fill a table's head. OnSort is called with the sort key of the one that was
// pressed, with - before it for descending order.
export class Headings {
  constructor(table, onSort) {
    this.row = table.tHead.rows[0];
    this.onSort = onSort;
    this.known = false;
  }

  // make makes the headings of columns, for rows in an order.
  make(columns, sort) {
    this.sort = sort;
    const cells = columns.map(({ name, title, sort: key, numeric }) => {
      const live = this.known ? "live on" : "live";
      return this.heading(title, key, numeric || key === "gpus", { class: name === "state" ? live : numeric ? "n" : false });
    });
    this.row.replaceChildren(this.heading("Node", "name", false), ...cells);
    this.show(sort);
  }

  // heading makes one. Numbers start with the largest.
  heading(title, key, largestFirst, attributes) {
    const button = make("button", { type: "button" }, title);
    const [first, second] = largestFirst ? [`-${key}`, key] : [key, `-${key}`];
    button.addEventListener("click", () => this.onSort(this.sort === first ? second : first));
    return make("th", { scope: "col", "data-sort": key, ...attributes }, button);
  }

  // show marks the heading of an order.
  show(sort) {
    this.sort = sort;
    for (const th of this.row.querySelectorAll("[data-sort]")) {
      const { sort: key } = th.dataset;
      if (sort === key) th.setAttribute("aria-sort", "ascending");
      else if (sort === `-${key}`) th.setAttribute("aria-sort", "descending");
      else th.removeAttribute("aria-sort");
    }
  }

  // showStates shows the heading of the states, which are known from now on.
  showStates() {
    this.known = true;
    this.row.querySelector("th.live")?.classList.add("on");
  }
}
