// The entries of a list of changes, and which of them are selected: by kinds, sites and node
// types, of each any, and by days. Nothing here needs a page.
export const facetNames = ["kind", "site", "type"];

// isSelected reports whether an entry is one of those that are chosen. Entries have lists of
// values by the names of facets, and a day (2026-08-10); of joined ones the first and last.
export const isSelected = (entry, chosen, except = "") =>
  facetNames.every(
    (name) =>
      name === except || !chosen[name]?.length || chosen[name].some((value) => entry.facets[name]?.includes(value)),
  ) &&
  (!chosen.since || entry.last >= chosen.since) &&
  (!chosen.until || entry.first <= chosen.until);

// countOptions counts for each value of a facet how many entries there would be with it, in
// the order of their names, or of what matters most.
export const countOptions = (entries, chosen, name, order = []) => {
  const counts = new Map();
  for (const entry of entries)
    for (const value of entry.facets[name] ?? [])
      counts.set(value, (counts.get(value) ?? 0) + (isSelected(entry, chosen, name) ? 1 : 0));

  const rank = (value) => (order.includes(value) ? order.indexOf(value) : order.length);
  return [...counts].sort(
    ([a], [b]) => rank(a) - rank(b) || a.localeCompare(b, "en", { numeric: true }),
  );
};

// fieldsOf are the members of a file that a patch changes.
const fieldsOf = ({ patch }) => (patch ?? []).map(({ path }) => path.split("/")[1]);

// sumUp is what several commits did together, given what each changed, the oldest first: of
// each resource what it was before the first and is after the last of them.
export const sumUp = (sets) => {
  const fates = new Map();
  const fateOf = (path, kind, type) => {
    if (!fates.has(path)) fates.set(path, { path, kind, fields: new Set() });
    const fate = fates.get(path);
    if (type) fate.type = type;
    return fate;
  };

  for (const set of sets) {
    const moves = new Map((set.moved ?? []).map((move) => [move.to, move]));
    for (const { path, kind, node_type: type } of set.removed) {
      const fate = fateOf(path, kind, type);
      fate.before ??= "there";
      fate.after = "gone";
    }
    for (const { path, kind, node_type: type } of set.added) {
      const fate = fateOf(path, kind, type);
      fate.before ??= "gone";
      fate.after = "there";
      const move = moves.get(path);
      if (!move) continue;

      const { before, from, fields } = fateOf(move.from, kind);
      if (before !== "gone" || from) fate.from = from ?? move.from;
      for (const field of [...fields, ...fieldsOf(move)]) fate.fields.add(field);
    }
    for (const { path, kind, patch } of set.changed) {
      const fate = fateOf(path, kind);
      fate.before ??= "there";
      fate.after = "there";
      for (const field of fieldsOf({ patch })) fate.fields.add(field);
    }
  }

  const moved = [...fates.values()].filter(({ from, after, path }) => from && from !== path && after === "there");
  const origins = new Set(moved.map(({ from }) => from));
  const of = (before, after) =>
    [...fates.values()].filter(
      (fate) => fate.before === before && fate.after === after && !moved.includes(fate) && !origins.has(fate.path),
    );
  const whole = (fate) => ({ ...fate, fields: new Set() }); // not what changed meanwhile
  return {
    added: of("gone", "there").map(whole),
    removed: of("there", "gone").map(whole),
    moved,
    changed: of("there", "there")
      .filter(({ fields }) => fields.size > 0)
      .map((fate) => ({ ...fate, from: undefined })), // it may have been away
  };
};

// groupUp puts together those of a sum of which the same can be said.
export const groupUp = (fates) => {
  const groups = new Map();
  for (const fate of fates) {
    const [, , site = ""] = fate.path.split("/");
    const from = fate.from?.split("/").slice(2, -2).join("/") ?? "";
    const fields = [...fate.fields].sort().join(", ");
    const key = JSON.stringify([fate.kind, fate.type, site, from, fields]);
    if (!groups.has(key)) groups.set(key, { kind: fate.kind, type: fate.type, site, from, fields, paths: [] });
    groups.get(key).paths.push(fate.path);
  }
  return [...groups.values()].sort((a, b) => b.paths.length - a.paths.length);
};
