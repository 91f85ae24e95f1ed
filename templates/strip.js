// A strip: free nodes over days, a bar each. Gray is all nodes, green the fewest that are
// free that day, which one can count on; an amber foot says none, which no height would hide.
import { draw } from "./dom.js";

const height = 24;
const top = 2; // above the highest bar
const foot = 3; // of a day without free nodes
const width = 8;
const gap = 2;

const bars = (heights) =>
  heights.map((h, i) => (h ? `M${i * (width + gap)} ${height}v${-h}h${width}v${h}` : "")).join("");

// pathsOf are the shapes of a strip, by their classes.
export const pathsOf = (least, nodes) => {
  const full = height - top;
  return {
    t: bars(least.map(() => full)),
    g: bars(least.map((n) => (n ? Math.max(Math.round((full * n) / nodes), 1) : 0))),
    z: bars(least.map((n) => (n ? 0 : foot))),
  };
};

// drawStrip fills an SVG element with a strip, and with words for who does not see it.
export const drawStrip = (svg, least, nodes) => {
  const paths = Object.entries(pathsOf(least, nodes));
  svg.setAttribute("viewBox", `0 0 ${least.length * (width + gap) - gap} ${height}`);
  svg.replaceChildren(...paths.filter(([, d]) => d).map(([name, d]) => draw("path", { class: name, d })));
  svg.removeAttribute("aria-hidden");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Fewest free of ${nodes}, ${least.length} days from today: ${least.join(" ")}`);
};
