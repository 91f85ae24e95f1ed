// The list's filter: finds nodes, sorts them, and counts for each option how many
// nodes there would be with it.
import { parseSpan, readBoolean, readInteger } from "./units.js";
import { readList } from "./url.js";

// textOf is what a node has in a column of names: one, or several.
export const textOf = ({ names, of, sets }, i, separator = "; ") =>
  sets ? sets[of[i]].map((name) => names[name]).join(separator) : names[of[i]];

// fold takes away what does not matter in a search: letter case and Unicode form.
// Letters whose lower case depends on others, or is several, have the one of the API.
const fold = (text) => text.normalize("NFKC").replace(/Σ/g, "σ").replace(/İ/g, "i").toLowerCase();

// splitWords splits the text of a search into words.
const splitWords = (text) => fold(text).split(/\s+/).filter(Boolean);

const rates = /^(1|10|20|25|40|50|56|100|200|400|800)g$/;
const wordEnd = /[\p{L}\p{N}\p{M}]$/u;
const wordStart = /^[\p{L}\p{N}\p{M}]/u;

// hasWord reports whether a text has a word, or one that starts with it, as a search of
// the API does: a100 is in "[A100 PCIe]", but not in GA100GL.
// A rate of a network is a line of its own.
export const hasWord = (text, word) => {
  if (rates.test(word)) return `\n${text}\n`.includes(`\n${word}\n`);
  if (!wordStart.test(word)) return text.includes(word);
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (!wordEnd.test(text.slice(Math.max(0, at - 2), at))) return true;
  return false;
};

// How the API compares a name with a value that is wanted. A value in quotation marks is
// the whole name.
export const matches = {
  exactly: (name, wanted) => name === wanted,
  "any case": (name, wanted) => name.toLowerCase() === wanted.toLowerCase(),
  contains: (name, wanted) => {
    const whole = /^"(.+)"$/s.exec(wanted)?.[1];
    return whole ? matches["any case"](name, whole) : name.toLowerCase().includes(wanted.toLowerCase());
  },
  "last words": (name, wanted) => ` ${name}`.toLowerCase().endsWith(` ${wanted}`.toLowerCase()),
};

// lastOf returns the value of a parameter: of repeated ones the last, as in the API.
const lastOf = (query, name) => (name && query.getAll(name).at(-1)) ?? "";

// A facet is a property of nodes with its filter: pass says which nodes it lets through,
// null for all, and wanted which values the query had for it. Aliases of a property are
// facets of their own.
// A property does not apply to nodes without its flag, so they leave nothing unstated.
const facetOf = (row, flag) => ({ ...row, flag, params: [row.search, row.min, row.range].filter(Boolean), wanted: "", pass: null });

// readChoice reads a column of names, of which some can be chosen. A node has one,
// several or none: of says for each node which set, and tally counts nodes by it.
const readChoice = (row, { names, of, sets = names.map((name, i) => (name === "" ? [] : [i])) }, flag) => ({
  ...facetOf(row, flag),
  names,
  of: Uint32Array.from(of),
  sets,
  tally: new Int32Array(sets.length),
  counts: new Int32Array(names.length),
  unstated: 0,
});

// readAmounts reads a column of numbers, of which a minimum or a range can be chosen.
// Steps above the largest are left out.
const readAmounts = (row, column, ofMedia, flag) => {
  const amounts = Float64Array.from(column);
  const largest = amounts.reduce((a, b) => Math.max(a, b), 0);
  const steps = (row.steps ?? []).filter((n) => n <= largest);
  return { ...facetOf(row, flag), amounts, ofMedia, steps, counts: new Int32Array(steps.length), unstated: 0 };
};

// readFlag reads a column of 1 for yes, 0 for no and -1 for what is not stated.
const readFlag = (row, column) => ({ ...facetOf(row), has: Int8Array.from(column), count: 0, no: 0, unstated: 0 });

// addStep adds a minimum that a URL asks for to those that can be chosen, and
// returns its place.
export const addStep = (minimum, value) => {
  minimum.steps.push(value);
  minimum.steps.sort((a, b) => a - b);
  minimum.counts = new Int32Array(minimum.steps.length);
  return minimum.steps.indexOf(value);
};

// passChosen returns a function that tells which nodes have one of some names.
const passChosen = ({ names, of, sets, match, flag }, wanted) => {
  const matching = names.map((name) => wanted.some((value) => matches[match ?? "exactly"](name, value)));
  const unstated = wanted.includes("unstated");
  const passes = sets.map((set) => set.some((name) => matching[name]));
  return (i) => passes[of[i]] || (unstated && sets[of[i]].length === 0 && flag?.[i] !== 0);
};

// passFlag returns the same for the states of a flag. False is also what is not stated.
const passFlag = ({ has }, wanted) => {
  const passes = [-1, 0, 1].map((n) =>
    wanted.some((word) =>
      word === "unstated" ? n < 0 : word === "stated_false" ? n === 0 : readBoolean(word) === n > 0,
    ),
  );
  return (i) => passes[has[i] + 1];
};

// passAmount returns the same for a minimum and ranges, of which any suffices. Amounts of
// storage are those on devices of one of the kinds that are wanted.
const passAmount = ({ amounts, ofMedia, kind, zero, flag }, min, ranges, media) => {
  const least = readInteger(min);
  const spans = ranges.map((text) => parseSpan(kind, text, zero)).filter(Boolean);
  const columns = media.length ? media.map((m) => ofMedia?.[m.toLowerCase()] ?? []) : [amounts];
  const applies = (i) => flag?.[i] !== 0; // or else 0 does not mean that nobody says
  const some = (i, passes) => columns.some((column) => passes(column[i] ?? 0));
  const inRange = (i) => (n) => spans.some(([from, to]) => from <= n && n <= to && (to !== 0 || applies(i)));
  return (i) => (!min || some(i, (n) => least <= n)) && (!spans.length || some(i, inRange(i)));
};

// Filter filters the nodes of an index by a query, as a search of the API does: its
// parameters have the same names and meanings.
export class Filter {
  constructor(index) {
    this.index = index;
    this.total = index.total;
    const { properties } = index;
    const isText = (p) => p.kind === "text" || p.kind === "set";
    this.choices = properties.filter((p) => p.search && isText(p)).map((p) => readChoice(p, index[p.column], index[p.within]));
    this.flags = properties.filter((p) => p.search && p.kind === "flag").map((p) => readFlag(p, index[p.column]));
    this.amounts = properties
      .filter((p) => p.min || p.range)
      .map((p) => readAmounts(p, index[p.column], p.column === "storage" ? index.storage_of_media : undefined, index[p.within]));
    this.minimums = this.amounts.filter((p) => p.min && !p.alias && index.properties.find((q) => q.min === p.min).steps);
    this.facets = [...this.choices, ...this.flags, ...this.amounts];
    const texts = properties.filter((p) => p.words).map((p) => index[p.column]);
    this.texts = index.uid.map((uid, i) =>
      fold([uid, index.name[i], ...texts.map((column) => textOf(column, i, "\n"))].join("\n")),
    );
    this.words = "";
    this.mentioned = new Uint8Array(this.total).fill(1);
    this.orders = new Map();
    this.matches = new Uint32Array(this.total);
    this.found = 0;
  }

  // params are the names of the parameters that filter.
  get params() {
    return new Set(["q", ...this.facets.flatMap((f) => f.params)]);
  }

  // apply finds the nodes that a query (URLSearchParams) wants. They are the first found
  // of matches, in the order of a sort key such as "-ram".
  apply(query, sort) {
    this.search(lastOf(query, "q"));
    const media = readList(query, "storage_media");
    for (const f of this.choices) {
      const wanted = readList(query, f.search);
      this.select(f, wanted, () => passChosen(f, wanted));
    }
    for (const f of this.flags) {
      const wanted = lastOf(query, f.search).split(",").filter(Boolean);
      this.select(f, wanted, () => passFlag(f, wanted));
    }
    for (const f of this.amounts) {
      const min = lastOf(query, f.min);
      const ranges = readList(query, f.range);
      const kinds = f.ofMedia ? media : [];
      this.select(f, min || ranges.length ? [min, ranges, kinds] : [], () => passAmount(f, min, ranges, kinds));
    }
    this.count(this.order(sort));
    this.sum();
  }

  // select makes a facet let through what a function accepts, if other values are wanted
  // of it than before.
  select(facet, wanted, accept) {
    const key = JSON.stringify(wanted);
    if (facet.wanted === key) return;
    facet.wanted = key;
    facet.pass = null;
    if (!wanted.length) return;
    const accepts = accept();
    facet.pass = Uint8Array.from({ length: this.total }, (_, i) => (accepts(i) ? 1 : 0));
  }

  // search looks for words, if they have changed.
  search(text) {
    const words = splitWords(text);
    if (words.join(" ") === this.words) return;
    this.words = words.join(" ");
    for (let i = 0; i < this.total; i++) this.mentioned[i] = words.every((w) => hasWord(this.texts[i], w)) ? 1 : 0;
  }

  // count finds the nodes. A node counts for an option if nothing but the option's
  // own facet excludes it.
  count(order) {
    const { choices, amounts, flags, matches } = this;
    const active = this.facets.filter((f) => f.pass);
    for (const f of choices) {
      f.tally.fill(0);
      f.unstated = 0;
    }
    for (const f of amounts) f.counts.fill(0);
    for (const f of amounts) f.unstated = 0;
    for (const f of flags) f.count = f.no = f.unstated = 0;
    let found = 0;

    for (const i of order) {
      if (!this.mentioned[i]) continue;

      // How many facets exclude the node, and the last of them.
      let out = 0;
      let by = null;
      for (const f of active) {
        if (f.pass[i] === 0) {
          out++;
          by = f;
        }
      }
      if (out > 1) continue;

      if (out === 0) matches[found++] = i;
      for (const f of choices) {
        if (out !== 0 && by !== f) continue;
        f.tally[f.of[i]]++;
        if (f.sets[f.of[i]].length === 0 && f.flag?.[i] !== 0) f.unstated++;
      }
      for (const f of amounts) {
        if (out !== 0 && by !== f) continue;
        const { steps, counts } = f;
        const amount = f.amounts[i];
        if (amount === 0 && f.flag?.[i] !== 0) f.unstated++;
        for (let s = 0; s < steps.length && amount >= steps[s]; s++) counts[s]++;
      }
      for (const f of flags) {
        if (out !== 0 && by !== f) continue;
        if (f.has[i] > 0) f.count++;
        else if (f.has[i] === 0) f.no++;
        else f.unstated++;
      }
    }
    this.found = found;
  }

  // sum makes the counts of names from those of sets.
  sum() {
    for (const c of this.choices) {
      c.counts.fill(0);
      c.sets.forEach((set, i) => {
        for (const name of set) c.counts[name] += c.tally[i];
      });
    }
  }

  // order lists all nodes by a sort key, "" for none. It is stable.
  order(sort) {
    let order = this.orders.get(sort);
    if (order) return order;
    order = Uint32Array.from({ length: this.total }, (_, i) => i);
    if (sort) {
      const sign = sort.startsWith("-") ? -1 : 1;
      const column = this.index[sort.replace(/^-/, "")];
      const keys = column.of ?? (typeof column[0] === "string" ? this.ranks(column) : column);
      order.sort((a, b) => sign * (keys[a] - keys[b]) || a - b);
    }
    this.orders.set(sort, order);
    return order;
  }

  // ranks numbers texts by the order in which people expect them: n2 before n10.
  ranks(texts) {
    if (!this.nameRanks) {
      const { compare } = new Intl.Collator("en", { numeric: true });
      this.nameRanks = new Uint32Array(this.total);
      [...texts.keys()]
        .sort((a, b) => compare(texts[a], texts[b]))
        .forEach((i, rank) => {
          this.nameRanks[i] = rank;
        });
    }
    return this.nameRanks;
  }
}
