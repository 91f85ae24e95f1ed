// Availability: asks the live service once a page, and shows it as a timeline. Tables are
// their owners': they get the states.
import { run } from "./dom.js";
import { describeData, fetchAvailability, isByFlavor, isOutdated, showAge, updateStates } from "./live.js";
import { Timeline } from "./timeline.js";
import { expand } from "./url.js";

const minute = 60e3;
const minRefresh = 5 * minute; // between two requests for the same

// Availability fills its root element, and passes the nodes' states, by uid, to
// a callback, now and whenever time has passed.
export class Availability {
  constructor(root, { onStates }) {
    Object.assign(this, { root, onStates, states: new Map() });
    this.url = new URL(root.dataset.live, location.href);
    this.note = root.querySelector("#live");
  }

  async start() {
    this.root.hidden = false;
    this.live = await fetchAvailability(this.url);
    this.asked = Date.now();
    this.showNote();
    if (!this.live?.items.length) return;

    this.update(this.asked);
    this.open();
    setInterval(() => run(this.root, () => this.tick(Date.now())), minute);
  }

  // open shows the timeline, where the page has a place for it.
  open() {
    const link = (item) => expand(this.root.dataset.node, item.site_id, item.cluster_id, item.node_id);
    const machines = this.live.items.filter((item) => !isByFlavor(item));
    if (!machines.length) return;

    const timeline = this.root.querySelector("#timeline");
    const draw = () => {
      this.timeline = new Timeline(timeline, { items: machines, states: this.states, link });
    };
    const folded = timeline?.closest("details:not([open])");
    if (folded) folded.addEventListener("toggle", () => run(this.root, draw), { once: true });
    else if (timeline) draw();
  }

  showNote() {
    const now = Date.now();
    this.note.textContent = describeData(this.live, now);
    this.note.classList.toggle("stale", !this.live || [...this.live.sites.values()].some((s) => s.stale || !s.last_synced));
    showAge(this.live, now);
  }

  // update passes the states at a time on, and returns whether any has changed.
  update(now) {
    const changed = updateStates(this.states, this.live, now);
    this.onStates(this.states);
    return changed;
  }

  // tick follows the time: the data gets older, and nodes become free or reserved.
  async tick(now) {
    if (isOutdated(this.live, now) && now - this.asked >= minRefresh) {
      this.asked = now;
      this.live = (await fetchAvailability(this.url)) ?? this.live;
    }
    this.showNote();
    const changed = this.update(now);
    this.timeline?.tick(changed);
  }
}
