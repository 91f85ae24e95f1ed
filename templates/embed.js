// Entry of the page that other sites show in a frame: when the nodes of its query are free, and
// nothing else. Its links leave the frame.
import { Availability } from "./availability.js";
import { run } from "./dom.js";

const free = document.getElementById("free");
const list = document.getElementById("all");

const query = new URLSearchParams(location.search);
query.delete("commit");
if (query.size) list.search = query.toString();
free.dataset.live += `?${query}`;

run(free, () => new Availability(free, { onStates: () => {} }).start());
