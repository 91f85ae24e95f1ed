// What is near to a question: questions that differ in one thing, other hardware that is as
// large, and how many there are at most.
import { counted, make, number } from "./dom.js";
import { describeLetGo, formatTime } from "./ways.js";

const section = (id, title, about, ...children) =>
  make("section", { "aria-labelledby": id }, make("h2", { id }, title), make("p", {}, about), ...children);

const table = (label, titles, rows) =>
  make(
    "div",
    { class: "scroll stick", tabindex: "0", role: "group", "aria-label": label },
    make(
      "table",
      {},
      make("thead", {}, make("tr", {}, ...titles.map((title) => make("th", { scope: "col" }, title)))),
      make("tbody", {}, ...rows),
    ),
  );

const row = (head, ...cells) => make("tr", {}, make("th", { scope: "row" }, head), ...cells);
const cell = (...children) => make("td", {}, ...children);

// Nearby writes what is near to a finder's question.
export class Nearby {
  constructor(finder) {
    this.finder = finder;
  }

  time(slot) {
    return this.finder.time(slot);
  }

  // misses are questions that differ in one thing and have a slot.
  misses(all) {
    const { query, titles, now } = this.finder;
    const rows = all.map(({ let_go: name, query: other, slot }) => {
      const asked = new URLSearchParams(other);
      const isNow = Date.parse(slot.start) - now < 60e3;
      const when = name === "after" && isNow ? [make("strong", {}, "Now"), `, until ${formatTime(Date.parse(slot.end), now)}`] : [this.time(slot)];
      return row(
        describeLetGo(name, query, asked, titles),
        cell(...this.finder.places(slot)),
        cell(...when),
        make("td", { class: "num" }, make("a", { href: `?${other}` }, "Ask so")),
      );
    });
    const action = make("span", { class: "vh" }, "Action");
    return section("near", "Near misses", "One condition of yours let go.", table("Near misses", ["Let go", "What", "When", action], rows));
  }

  // alternatives are ways to have other hardware.
  alternatives({ query, ways }) {
    const { finder } = this;
    const card = ({ slot, nodes }) => {
      const asked = new URLSearchParams(query);
      asked.set("node_type", slot.node_type ?? "");
      const [site] = finder.sitesOf(slot);
      const start = Date.parse(slot.start);
      const when = start - finder.now < 60e3 ? "now" : formatTime(start, finder.now);
      return make(
        "li",
        { class: "card slim" },
        make(
          "div",
          {},
          make("h3", {}, make("a", { href: `?${asked}` }, finder.hardware(slot) || slot.node_type)),
          make("p", { class: "id" }, slot.node_type ?? "", ", ", make("bdi", {}, site)),
        ),
        make(
          "p",
          { class: "small" },
          make("span", { class: "st f" }, when),
          make("br"),
          `${counted(slot.nodes.length, "node")}, ${number.format(slot.candidates)} of ${number.format(nodes)} free`,
        ),
      );
    };
    return section(
      "others",
      "Alternatives as large or larger",
      "Other hardware that meets your other conditions.",
      make("ul", { class: "cols" }, ...ways.map(card)),
    );
  }

  // most says for how many one has to wait, and how many are free together at most; of a mixture
  // that of each part.
  most({ most, most_of_parts: ofParts }) {
    const { query, now } = this.finder;
    if (ofParts) {
      const rows = ofParts.map((part, i) => {
        const unit = query.get(i ? `${i + 1}.unit` : "unit") === "gpus" ? "GPU" : "node";
        const head = this.finder.describePart(i);
        return part
          ? row(head, cell(counted(part.count, unit)), cell(formatTime(Date.parse(part.slot.start), now)))
          : row(head, make("td", { colspan: 2, class: "quiet" }, "None beside the other parts."));
      });
      const about = "Of each part, while the others are as asked.";
      return section("most", "How many at most", about, table("How many at most", ["Part", "Together", "First start"], rows));
    }

    const unit = query.get("unit") === "gpus" ? "GPU" : "node";
    const rows = most.rises.map(({ count, nodes, start, extendable_until: until }, i) => {
      const before = i ? most.rises[i - 1].count : 0;
      const many = count - before > 1 ? `${i ? "" : "up to "}${counted(count, unit)}` : counted(count, unit);
      const text = unit === "GPU" ? `${many}, ${counted(nodes, "node")}` : many;
      return row(
        text,
        cell(formatTime(Date.parse(start), now)),
        cell(until ? formatTime(Date.parse(until), now) : "no end is known"),
      );
    });
    const more = most.count + 1;
    const why = most.all > most.count ? `Never in the time searched; there are ${number.format(most.all)}.` : `Never: there are ${number.format(most.all)}.`;
    rows.push(row(counted(more, unit), make("td", { colspan: 2, class: "quiet" }, why)));
    return section(
      "most",
      "How many at most",
      `For ${this.finder.duration} or more, ${this.finder.isSameSite ? "at one site" : "at any site"}.`,
      table("How many at most", ["Together", "First start", "Until"], rows),
    );
  }
}
