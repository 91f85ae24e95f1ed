// How many of the nodes that a filter finds are free over the next weeks: one strip, which
// costs a request of its own, so only a filtered list has it.
import { counted, draw, make } from "./dom.js";
import { fetchJSON } from "./live.js";
import { drawStrip } from "./strip.js";

const delay = 500; // milliseconds in which the filter changes again

// Outlook shows the strip of a query in a root element with the URL of capacity.
export class Outlook {
  constructor(root) {
    this.root = root;
    this.strip = draw("svg", { class: "strip", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.note = make("p", { class: "small muted" });
    root.append(this.note, this.strip);
  }

  // ask shows the strip of the filters of a query, null for none.
  ask(query) {
    clearTimeout(this.timer);
    this.asked = query?.toString();
    if (!query) this.root.hidden = true;
    else this.timer = setTimeout(() => this.load(query, this.asked), delay);
  }

  async load(query, asked) {
    const url = new URL(this.root.dataset.capacity, location.href);
    url.search = query;
    url.searchParams.set("step", "1d");
    const { status, body } = await fetchJSON(url);
    if (this.asked !== asked) return; // the filter has changed

    const [all] = status === 200 ? body.items : [];
    this.root.hidden = !all?.nodes;
    if (this.root.hidden) return;
    const most = Math.max(...all.least);
    this.note.textContent =
      `Free of ${counted(all.nodes, "node")} over the next ${all.least.length} days: ` +
      `at least ${Math.min(...all.least)} every day, ${most} on the best.`;
    drawStrip(this.strip, all.least, all.nodes);
  }
}
