// The list's filter: finds nodes, sorts them, and counts for each option how many
// nodes there would be with it, and how many of them are free now.
import { inOrder } from "./dom.js";
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
// facets of their own. Places has for each node in which place of tally it counts; alone
// counts the nodes that nothing but this facet excludes. Counts are pairs: of nodes that
// are not free now, and of those that are.
const facetOf = (row) => ({
  ...row,
  params: row.params ?? [row.search, row.min, row.range].filter(Boolean),
  wanted: "[]",
  pass: null,
  alone: new Int32Array(2),
});

const countAt = (counts, i = 0) => ({ free: counts[2 * i + 1], all: counts[2 * i] + counts[2 * i + 1] });

// countNamed counts the nodes with a name of a choice, by its number.
export const countNamed = (choice, i) => countAt(choice.sums, i);

// countFlagged counts the nodes for which a flag holds.
export const countFlagged = (flag) => countAt(flag.tally, 2);

// countUnstated counts the nodes whose files do not say what a facet is about.
export const countUnstated = (facet) => countAt(facet.sums ?? facet.tally, facet.names?.length ?? 0);

// countWithout counts the nodes that there were in addition without a facet's filter.
export const countWithout = (facet) => countAt(facet.alone);

// readChoice reads a column of names, of which some can be chosen. A node has one,
// several or none: of says for each node which set, and tally counts nodes by it. Sums
// are the counts of names, and behind them that of nodes without any. A property does not
// apply to nodes without its flag: they leave nothing unstated, and have the place behind
// the sets.
const readChoice = (row, { names, of, sets = names.map((name, i) => (name === "" ? [] : [i])) }, flag) => ({
  ...facetOf(row),
  names,
  sets,
  places: Uint32Array.from(of, (set, i) => (sets[set].length === 0 && flag?.[i] === 0 ? sets.length : set)),
  tally: new Int32Array(2 * sets.length + 2),
  sums: new Int32Array(2 * names.length + 2),
});

// readAmounts reads a column of numbers, of which a minimum or a range can be chosen.
const readAmounts = (row, column, ofMedia, flag) => {
  const amounts = Float64Array.from(column);
  const known = amounts.filter((n) => n > 0);
  const [least, most] = known.reduce(([a, b], n) => [Math.min(a, n), Math.max(b, n)], [Infinity, 0]);
  const places = Uint8Array.from(column, (n, i) => (n > 0 || row.zero || flag?.[i] === 0 ? 1 : 0));
  return { ...facetOf(row), flag, amounts, ofMedia, least, most, places, tally: new Int32Array(4) };
};

// readFlag reads a column of 1 for yes, 0 for no and -1 for what is not stated.
const readFlag = (row, column) => ({
  ...facetOf(row),
  places: Uint8Array.from(column, (n) => n + 1),
  tally: new Int32Array(6),
});

// passChosen returns a function that tells which nodes have one of some names.
const passChosen = ({ names, places, sets, match }, wanted) => {
  const matching = names.map((name) => wanted.some((value) => matches[match ?? "exactly"](name, value)));
  const unstated = wanted.includes("unstated");
  const passes = sets.map((set) => (set.length === 0 ? unstated : set.some((name) => matching[name])));
  return (i) => passes[places[i]] ?? false;
};

// passFlag returns the same for the states of a flag. False is also what is not stated.
const passFlag = ({ places }, wanted) => {
  const passes = [-1, 0, 1].map((n) =>
    wanted.some((word) =>
      word === "unstated" ? n < 0 : word === "stated_false" ? n === 0 : readBoolean(word) === n > 0,
    ),
  );
  return (i) => passes[places[i]];
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
    this.time = facetOf({ title: "When", params: ["availability", "hours", "start"] });
    this.words = facetOf({ title: "Words", params: ["q"] });
    this.facets = [this.words, this.time, ...this.choices, ...this.flags, ...this.amounts];
    const texts = properties.filter((p) => p.words).map((p) => index[p.column]);
    this.named = texts.map(({ names, of, sets }) => ({ names: names.map(fold), of, sets }));
    this.own = index.uid.map((uid, i) => fold(`${uid}\n${index.name[i]}`));
    this.flavors = (index.flavors ?? []).map((flavor) => ({ ...flavor, text: fold(flavor.text) }));
    this.foundFlavors = []; // by words: nothing else filters them
    this.orders = new Map();
    this.matches = new Uint32Array(this.total);
    this.found = 0;
    this.isFree = new Uint8Array(this.total);
    this.free = 0; // of those found
  }

  // params are the names of the parameters that filter.
  get params() {
    return new Set(this.facets.flatMap((f) => f.params));
  }

  // active are the facets that exclude nodes.
  get active() {
    return this.facets.filter((f) => f.pass);
  }

  // setStates takes which nodes are free now, and ranks to sort all nodes by their state.
  setStates(isFree, ranks) {
    this.isFree = isFree;
    this.index.state = ranks;
    for (const sort of ["state", "-state"]) this.orders.delete(sort);
  }

  // setTime takes which nodes the query's time lets through, null for all.
  setTime(pass) {
    this.time.pass = pass;
  }

  // apply finds the nodes that a query (URLSearchParams) wants. They are the first found
  // of matches, in the order of a sort key such as "-ram".
  apply(query, sort) {
    const words = splitWords(lastOf(query, "q"));
    this.select(this.words, words, () => this.passWords(words));
    const hasAll = ({ text }) => words.every((word) => hasWord(text, word));
    this.foundFlavors = words.length ? this.flavors.filter(hasAll) : [];
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

  // passWords returns a function that tells which nodes have all of some words. Names, which
  // nodes have in common, are looked at once each.
  passWords(words) {
    const all = words.map((word) => {
      const columns = this.named.map(({ names, of, sets }) => {
        const has = names.map((name) => hasWord(name, word));
        return { of, has: sets ? sets.map((set) => set.some((name) => has[name])) : has };
      });
      return (i) => columns.some(({ of, has }) => has[of[i]]) || hasWord(this.own[i], word);
    });
    return (i) => all.every((passes) => passes(i));
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

  // count finds the nodes. A node counts for an option if nothing but the option's
  // own facet excludes it.
  count(order) {
    const { matches, isFree, active } = this;
    const passes = active.map((f) => f.pass);
    const tallied = this.facets.filter((f) => f.places).map(({ places, tally }) => ({ places, tally }));
    for (const { tally } of tallied) tally.fill(0);
    for (const f of this.facets) f.alone.fill(0);
    let found = 0;
    let free = 0;

    for (const i of order) {
      // How many facets exclude the node, and the last of them.
      let out = 0;
      let by = -1;
      for (let f = 0; f < passes.length; f++) {
        if (passes[f][i] === 0) {
          out++;
          by = f;
        }
      }
      if (out > 1) continue;

      const isFreeNow = isFree[i];
      if (out === 0) {
        matches[found++] = i;
        free += isFreeNow;
        for (const { places, tally } of tallied) tally[2 * places[i] + isFreeNow]++;
      } else {
        const { alone, places, tally } = active[by];
        alone[isFreeNow]++;
        if (places) tally[2 * places[i] + isFreeNow]++;
      }
    }
    this.found = found;
    this.free = free;
  }

  // sum makes the counts of names from those of sets.
  sum() {
    for (const { sums, sets, tally, names } of this.choices) {
      sums.fill(0);
      sets.forEach((set, i) => {
        for (const name of set.length ? set : [names.length]) {
          sums[2 * name] += tally[2 * i];
          sums[2 * name + 1] += tally[2 * i + 1];
        }
      });
    }
  }

  // order lists all nodes by a sort key, "" for none. What is alike is in the order of
  // names, and what is not known comes last, whichever way it goes.
  order(sort) {
    let order = this.orders.get(sort);
    if (order) return order;
    order = Uint32Array.from({ length: this.total }, (_, i) => i);
    if (sort) {
      const sign = sort.startsWith("-") ? -1 : 1;
      const keys = this.keys(sort.replace(/^-/, ""));
      this.byName ??= this.keys("name");
      const { byName } = this;
      order.sort((a, b) => (keys[a] < 0) - (keys[b] < 0) || sign * (keys[a] - keys[b]) || byName[a] - byName[b] || a - b);
    }
    this.orders.set(sort, order);
    return order;
  }

  // keys are the numbers to sort a column by, -1 for what is not known. Those of texts are
  // in the order in which people expect them: n2 before n10.
  keys(name) {
    const column = this.index[name];
    const zero = this.index.properties.find((p) => p.column === name)?.zero;
    if (name === "state") return column ?? new Float64Array(this.total); // nobody knows them yet
    if (typeof column[0] === "number") return column.map((n) => (n > 0 || zero ? n : -1));

    const texts = column.of ? column.of.map((_, i) => textOf(column, i)) : column;
    const sorted = [...new Set(texts)].sort(inOrder);
    const ranks = new Map(sorted.map((text, rank) => [text, text === "" ? -1 : rank]));
    return texts.map((text) => ranks.get(text));
  }
}
