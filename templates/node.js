// Entry of the page of a node: whether it is to be had, how to reserve it, which are like it, and
// how to cite it.
import { Availability } from "./availability.js";
import { copyButton, run, whenSeen } from "./dom.js";
import { showEquals } from "./equals.js";
import { showFortnight, showNow } from "./fortnight.js";
import { reservedTimes } from "./live.js";
import { ReserveForm } from "./reserve_form.js";

const free = document.getElementById("free");
const now = document.getElementById("now");
const panel = document.getElementById("reserve");
const equal = document.getElementById("equal");
const cite = document.getElementById("cite");

const reserve = panel && new ReserveForm(panel);
reserve?.update();

let availability;
const onStates = (states) => {
  const state = states.get(now.dataset.uid);
  const item = availability.live.items.find(({ node_id: uid }) => uid === now.dataset.uid);
  if (!state || !item) return;
  const time = Date.now();
  showNow(now, state, reservedTimes(item), time);
  showFortnight(document.getElementById("fortnight"), item, state, time);
  document.getElementById("more").hidden = !["available", "reserved"].includes(state.name);
  if (state.name === "reserved") reserve?.suggest(state.until);
};

if (free) {
  availability = new Availability(free, { onStates });
  run(free, () => availability.start());
}

if (equal) whenSeen(equal, equal, () => showEquals(equal, Date.now()));

if (cite) {
  // A site that does not know its own address is cited by the one that it was found at.
  for (const url of cite.querySelectorAll(".url")) {
    if (url.textContent.startsWith("/")) url.prepend(location.origin);
  }
  for (const pre of cite.querySelectorAll("pre")) pre.after(copyButton(pre));
}
