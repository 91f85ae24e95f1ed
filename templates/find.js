// Entry of the page that finds slots.
import { Ask } from "./ask.js";
import { find } from "./finder.js";

const query = new URLSearchParams(location.search);
query.delete("commit"); // of a permanent URL
const ask = new Ask(document.getElementById("ask"), Date.now());
ask.offerAlso();
if (query.size) {
  ask.read(query);
  find(document.getElementById("finder"), query, ask.titles());
}
