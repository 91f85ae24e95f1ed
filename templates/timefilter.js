// Which nodes of the list have the time that is asked for.
import { passWhen, readWhen } from "./when.js";

// TimeFilter knows the nodes' states, once they are told. Later asks for the uids of those
// that are free from a start on, and onAnswer is called when they are there.
export class TimeFilter {
  constructor(uids, { later, onAnswer }) {
    Object.assign(this, { uids, later, onAnswer, states: null });
  }

  // pass says which nodes have the time that a query asks for, null for all. What the live
  // service does not say excludes nothing. While it is asked, those of before stay.
  pass(query, before) {
    const when = readWhen(query);
    if (!when || !this.states) return null;
    const key = `${when.start} ${when.hours}`;
    if (when.start && this.key !== key) {
      this.ask(key, when);
      return before;
    }
    return passWhen(when, this.uids, this.states, this.free, Date.now());
  }

  async ask(key, when) {
    this.key = key;
    const uids = await this.later(when);
    if (this.key !== key) return; // another question came after it
    this.free = uids;
    this.onAnswer();
  }
}
