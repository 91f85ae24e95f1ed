// Entry of the page of a flavor: how many virtual machines of it can be had now, and how to
// reserve them.
import { run } from "./dom.js";
import { showLarge } from "./free.js";
import { fetchJSON } from "./live.js";
import { ReserveForm } from "./reserve_form.js";

const free = document.getElementById("free-now");

const showFree = async () => {
  const { body } = await fetchJSON(free.dataset.availability);
  const [now] = body?.availability ?? [];
  if (body) document.dispatchEvent(new Event("live"));
  if (!now) return; // which is what the page says
  showLarge(free, now.available, now.total);
};

new ReserveForm(document.getElementById("reserve")).update();
run(free, showFree);
