// The list's filter: finds nodes, sorts them, and counts for each option how many
// nodes there would be with it.

// textOf is what a node has in a column of names: one, or several.
export const textOf = ({ names, of, sets }, i) =>
  sets ? sets[of[i]].map((name) => names[name]).join("; ") : names[of[i]];

// fold takes away what does not matter in a search: letter case and Unicode form.
const fold = (text) => text.normalize("NFKC").toLowerCase();

// splitWords splits the text of a search into words.
const splitWords = (text) => fold(text).split(/\s+/).filter(Boolean);

const wordEnd = /[\p{L}\p{N}\p{M}]$/u;
const wordStart = /^[\p{L}\p{N}\p{M}]/u;

// hasWord reports whether a text has a word, or one that starts with it, as a search of
// the API does: a100 is in "[A100 PCIe]", but not in GA100GL.
export const hasWord = (text, word) => {
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

// readChoice reads a column of names, of which some can be chosen. A node has one
// or several: of says for each node which set, and tally counts nodes by it.
const readChoice = (row, { names, of, sets = names.map((_, i) => [i]) }) => ({
  ...row,
  names,
  of: Uint32Array.from(of),
  sets,
  tally: new Int32Array(sets.length),
  counts: new Int32Array(names.length),
});

// readMinimum reads a column of amounts, of which a minimum can be chosen. Steps
// above the largest are left out.
const readMinimum = (row, column) => {
  const amounts = Float64Array.from(column);
  const largest = amounts.reduce((a, b) => Math.max(a, b), 0);
  const steps = row.steps.filter((n) => n <= largest);
  return { ...row, amounts, steps, counts: new Int32Array(steps.length) };
};

// addStep adds a minimum that a URL asks for to those that can be chosen, and
// returns its place.
export const addStep = (minimum, value) => {
  minimum.steps.push(value);
  minimum.steps.sort((a, b) => a - b);
  minimum.counts = new Int32Array(minimum.steps.length);
  return minimum.steps.indexOf(value);
};

// Filter filters the nodes of an index by its columns: values, minimums and flags.
// Words are searched in some columns, in the nodes' uids and in their names.
export class Filter {
  constructor(index) {
    this.index = index;
    this.total = index.total;
    const { properties } = index;
    this.choices = properties.filter((p) => p.search && p.kind !== "flag").map((p) => readChoice(p, index[p.column]));
    this.minimums = properties.filter((p) => p.min && p.steps).map((p) => readMinimum(p, index[p.column]));
    this.flags = properties
      .filter((p) => p.search && p.kind === "flag")
      .map((p) => ({ ...p, has: index[p.column].map((n) => n > 0), count: 0 })); // -1 is not stated
    const texts = properties.filter((p) => p.words).map((p) => index[p.column]);
    this.texts = index.uid.map((uid, i) =>
      fold([uid, index.name[i], ...texts.map((column) => textOf(column, i))].join("\n")),
    );
    this.words = "";
    this.mentioned = new Uint8Array(this.total).fill(1);
    this.orders = new Map();
    this.matches = new Uint32Array(this.total);
    this.found = 0;
  }

  // apply finds the nodes of a selection: its text, for each choice which names are
  // chosen, for each minimum its value, and which flags. They are the first found
  // of matches, in the order of a sort key such as "-ram".
  apply(selection, sort) {
    this.search(selection.text);
    const order = this.order(sort);
    const chosen = this.choices.map(({ sets }, c) => {
      const names = selection.names[c];
      return names.some(Boolean) ? Uint8Array.from(sets, (set) => (set.some((name) => names[name]) ? 1 : 0)) : null;
    });
    this.count(order, chosen, selection.minimums, selection.flags);
    this.sum();
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
  count(order, chosen, least, only) {
    const { choices, minimums, flags, matches } = this;
    const sets = choices.map((c) => c.of);
    const amounts = minimums.map((c) => c.amounts);
    const has = flags.map((c) => c.has);
    const facets = choices.length + minimums.length;
    for (const c of choices) c.tally.fill(0);
    for (const c of minimums) c.counts.fill(0);
    for (const c of flags) c.count = 0;
    let found = 0;

    for (const i of order) {
      if (!this.mentioned[i]) continue;

      // How many facets exclude the node, and the last of them.
      let out = 0;
      let by = -1;
      for (let f = 0; f < choices.length; f++) {
        if (chosen[f] !== null && chosen[f][sets[f][i]] === 0) {
          out++;
          by = f;
        }
      }
      for (let f = 0; f < minimums.length; f++) {
        if (amounts[f][i] < least[f]) {
          out++;
          by = choices.length + f;
        }
      }
      for (let f = 0; f < flags.length; f++) {
        if (only[f] && !has[f][i]) {
          out++;
          by = facets + f;
        }
      }
      if (out > 1) continue;

      if (out === 0) matches[found++] = i;
      for (let f = 0; f < choices.length; f++) {
        if (out === 0 || by === f) choices[f].tally[sets[f][i]]++;
      }
      for (let f = 0; f < minimums.length; f++) {
        if (out !== 0 && by !== choices.length + f) continue;
        const { steps, counts } = minimums[f];
        const amount = amounts[f][i];
        for (let s = 0; s < steps.length && amount >= steps[s]; s++) counts[s]++;
      }
      for (let f = 0; f < flags.length; f++) {
        if (has[f][i] && (out === 0 || by === facets + f)) flags[f].count++;
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
