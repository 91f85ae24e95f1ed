// Entry of the pages of changes: entries selected by kind, site, node type and days, and what
// those of some days did together. The query of the URL has what is selected.
import { counted, make, run } from "./dom.js";
import { countOptions, facetNames, groupUp, isSelected, sumUp } from "./entries.js";
import { fetchJSON } from "./live.js";
import { joinList, PageQuery, readList } from "./url.js";

const titles = { kind: "What kind", site: "Site", type: "Node type" };
const kinds = [
  "Added", "Removed", "Moved", "Replaced", "Type", "Cost", "Hardware", "Firmware", "Place", "Note", "Unreadable", "Data only",
  "Merge",
];
const mostRequests = 100; // of one sum
const mostNames = 200; // of resources of which the same is said

const main = document.getElementById("main");
const form = document.getElementById("facets");
const shown = document.getElementById("shown");
const all = shown.textContent;
const siteNames = JSON.parse(main.dataset.sites);
const query = new PageQuery();

const day = (time) => time.getAttribute("datetime").slice(0, 10);

const entries = [...main.querySelectorAll("li[data-facets]")].map((row) => {
  const times = [...row.querySelectorAll("time")].map(day).sort();
  const links = row.querySelectorAll("details a").length ? row.querySelectorAll("details a") : row.querySelectorAll("a.id");
  return {
    row,
    facets: JSON.parse(row.dataset.facets),
    first: times[0],
    last: times.at(-1),
    commits: [...links].map((a) => a.pathname.split("/").at(-1)),
  };
});

const read = () => {
  const params = query.read();
  const chosen = Object.fromEntries(facetNames.map((name) => [name, readList(params, name)]));
  return { ...chosen, since: params.get("since") ?? "", until: params.get("until") ?? "" };
};

const dates = ["since", "until"].map((name) => make("input", { type: "date", name, id: name }));
const boxes = [];

const facet = (name) => {
  const options = countOptions(entries, {}, name, name === "kind" ? kinds : []);
  if (options.length < 2) return "";

  const rows = options.map(([value]) => {
    const box = make("input", { type: "checkbox", name, value });
    const count = make("span", { class: "count" });
    const row = make("label", { class: "opt" }, box, make("bdi", {}, (name === "site" && siteNames[value]) || value), count);
    boxes.push({ name, value, box, count, row });
    return row;
  });
  const choices = make("div", rows.length > 12 ? { class: "choices", tabindex: "0", role: "group", "aria-label": titles[name] } : {}, ...rows);
  return make("fieldset", { class: "facet" }, make("legend", {}, titles[name]), choices);
};

const sum = make("div", { id: "sum" });
const sumButton = make("button", { type: "button" }, "Sum up these commits");

// show hides what is not selected, and counts.
const show = () => {
  const chosen = read();
  for (const name of facetNames) {
    const counts = new Map(countOptions(entries, chosen, name));
    for (const option of boxes.filter((b) => b.name === name)) {
      option.box.checked = chosen[name].includes(option.value);
      option.count.textContent = counts.get(option.value);
      option.row.classList.toggle("none", !counts.get(option.value));
    }
  }
  for (const input of dates) input.value = chosen[input.name];

  for (const entry of entries) entry.row.hidden = !isSelected(entry, chosen);
  for (const details of main.querySelectorAll(".month > details")) {
    const left = details.querySelectorAll("li[data-facets]:not([hidden])").length;
    details.hidden = left === 0;
    const [one, many] = [" that merges, or changes no data", " that merge, or change no data"];
    details.querySelector("summary").textContent = counted(left, "commit") + (left === 1 ? one : many);
  }
  for (const list of main.querySelectorAll(".month > ol")) list.hidden = !list.querySelector(":scope > li:not([hidden])");
  for (const month of main.querySelectorAll(".month"))
    month.hidden = !month.querySelector("li[data-facets]:not([hidden])");

  const left = entries.filter(({ row }) => !row.hidden).length;
  shown.textContent = left < entries.length ? `${left} of ${counted(entries.length, "entry", "entries")}. ${all}` : all;
  sum.replaceChildren();
  sum.className = "";
};

const chosenNow = () => {
  const params = query.read();
  for (const name of facetNames) {
    const values = boxes.filter((b) => b.name === name && b.box.checked).map((b) => b.value);
    if (values.length) params.set(name, joinList(values));
    else params.delete(name);
  }
  for (const { name, value } of dates) {
    if (value) params.set(name, value);
    else params.delete(name);
  }
  return params;
};

// nameOf links to a resource by its uid.
const nameOf = (path) => make("a", { href: main.dataset.root + path }, make("bdi", {}, path.split("/").at(-1)));

// listed is resources of a sum, those together of which the same is said.
const listed = (title, fates) => {
  if (!fates.length) return [];
  const row = ({ kind, type, site, from, fields, paths }) => {
    const what = paths.length === 1 ? [`${kind} `, nameOf(paths[0])] : [counted(paths.length, kind)];
    if (type) what.push(" of type ", make("bdi", {}, type));
    if (from) what.push(" from ", make("bdi", {}, from));
    if (site && kind !== "site") what.push(" at ", make("bdi", {}, siteNames[site] || site));
    if (fields) what.push(`: ${fields}`);
    if (paths.length === 1) return make("li", {}, ...what);

    const names = paths.slice(0, mostNames).map((path) => make("li", {}, nameOf(path)));
    if (paths.length > mostNames) names.push(make("li", {}, `and ${paths.length - mostNames} more`));
    return make("li", {}, make("details", {}, make("summary", {}, ...what), make("ul", {}, ...names)));
  };
  return [make("h3", {}, asTitle(title)), make("ul", {}, ...groupUp(fates).map(row))];
};

const asTitle = (text) => text[0].toUpperCase() + text.slice(1);

// showSum reads what each of the selected commits changed. Merges repeat it.
const showSum = async () => {
  const chosen = entries.filter(({ row, facets }) => !row.hidden && !facets.kind.includes("Merge"));
  const commits = chosen.flatMap((entry) => entry.commits);
  const asked = location.search;
  const say = (...children) => sum.replaceChildren(make("p", { role: "status" }, ...children));
  sum.className = "panel";
  if (commits.length > mostRequests)
    return say(
      `These are ${commits.length} commits, and the sum is made of ${mostRequests} at most: choose fewer days. With a clone, `,
      make("code", {}, "refgen diff OLD NEW"),
      " compares any two commits.",
    );

  say(`Reading ${counted(commits.length, "commit")} …`);
  const sets = [];
  for (const commit of commits.reverse()) {
    const { body } = await fetchJSON(main.dataset.set.replace("COMMIT", commit));
    if (location.search !== asked) return; // something else is selected meanwhile
    if (!body?.added) return say(`What the commit ${commit.slice(0, 7)} changed could not be read. Try again.`);
    sets.push(body);
  }

  const { added, removed, moved, changed } = sumUp(sets);
  const parts = Object.entries({ added, removed, moved, changed }).flatMap(([title, fates]) => listed(title, fates));
  sum.replaceChildren(
    make("h2", {}, `${counted(commits.length, "commit")} together`),
    ...(parts.length ? parts : [make("p", {}, "Nothing that is left of it: what was added was removed again.")]),
  );
};

run(form, () => {
  const fields = dates.map((input, i) =>
    make("div", { class: "field" }, make("label", { for: input.id }, ["Since", "Until"][i]), input),
  );
  const [kind, ...others] = facetNames.map(facet);
  const legend = make("legend", {}, "Between two dates");
  form.append(kind, make("fieldset", { class: "facet" }, legend, make("div", {}, ...fields, sumButton)), ...others);
  form.addEventListener("change", () => {
    query.write(chosenNow());
    show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  sumButton.addEventListener("click", () => run(sum, showSum));
  shown.after(sum);
  form.hidden = false;
  show();
  addEventListener("popstate", show);
});
