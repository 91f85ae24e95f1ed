// Entry of the page that compares nodes or types.
import { Comparison } from "./comparison.js";
import { run } from "./dom.js";

const root = document.getElementById("compare");
run(root, () => new Comparison(root, location.search).start());
