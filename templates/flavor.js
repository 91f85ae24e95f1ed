// Entry of the page of a flavor: how many virtual machines of it can be had now, and how to
// reserve them.
import { make, number, run } from "./dom.js";
import { fetchJSON } from "./live.js";
import { ReserveForm } from "./reserve_form.js";

const free = document.getElementById("free-now");

const showFree = async () => {
  const { body } = await fetchJSON(free.dataset.availability);
  const [now] = body?.availability ?? [];
  if (body) document.dispatchEvent(new Event("live"));
  if (!now) return; // which is what the page says
  free.className = now.available ? "big" : "big z";
  free.replaceChildren(number.format(now.available), make("small", {}, ` / ${number.format(now.total)}`));
};

new ReserveForm(document.getElementById("reserve")).update();
run(free, showFree);
