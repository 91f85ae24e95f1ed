// The choice of what to compare: two to four nodes, or node types.
import { make } from "./dom.js";

export const maxCompared = 4;

// pickTypes lets the reader choose types in the table of a root element, and links to their
// comparison.
export const pickTypes = (root) => {
  const { rows } = root.querySelector("table").tBodies[0];
  if (rows.length < 2) return;

  const place = root.querySelector(".picked");
  const link = make("a");
  const status = make("span", { role: "status" });
  place.append(link, " ", status);

  const chosen = new Set();
  const showLink = () => {
    place.hidden = chosen.size < 2;
    link.href = `${place.dataset.compare}?types=${[...chosen].map(encodeURIComponent).join(",")}`;
    link.textContent = `Compare ${chosen.size} selected types`;
  };

  for (const row of rows) {
    const { type } = row.dataset;
    const box = make("input", { type: "checkbox", "aria-label": `Compare ${type}` });
    box.addEventListener("change", () => {
      const full = box.checked && chosen.size === maxCompared;
      if (full) box.checked = false;
      else if (box.checked) chosen.add(type);
      else chosen.delete(type);
      showLink();
      status.textContent = full ? "At most four." : "";
    });
    row.cells[0].prepend(box);
  }
};
