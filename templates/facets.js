// The form of the list's filter: its options, each with how many nodes there would be
// with it, and how many of them are free now.
import { inOrder, make, number } from "./dom.js";
import { countFlagged, countNamed, countUnstated, matches } from "./filter.js";
import { joinRange, parseSpan, splitRange, units } from "./units.js";
import { joinList, readList } from "./url.js";
import { WhenFields } from "./whenfields.js";

const unstated = "unstated";

// whole writes a name of which others have parts so that it finds only itself.
const whole = ({ names, match }, name) =>
  match === "contains" && names.some((other) => other !== name && matches.contains(other, name)) ? `"${name}"` : name;

// writeAmount writes a number as people do, if that is the same number.
const writeAmount = (kind, n) => {
  const text = units[kind](n).replace("\u00a0", "");
  return parseSpan(kind, `${text}..`)?.[0] === n ? text : String(n);
};

// option is a checkbox with its counts: free nodes, and all.
const option = (name, value, label) => {
  const box = make("input", { type: "checkbox", name, value });
  const free = make("b");
  const all = document.createTextNode("");
  const counts = make("span", {}, free, all);
  return { box, value, free, all, counts, row: make("label", { class: "opt" }, box, make("bdi", {}, label), counts) };
};

// showCount shows the counts of an option, where it is known which nodes are free. That
// nothing is left unstated need not be said.
const showCount = ({ box, value, free, all, counts, row }, count, known) => {
  const text = known ? `/${number.format(count.all)}` : number.format(count.all);
  const freeText = known ? number.format(count.free) : "";
  if (all.data === text && free.textContent === freeText) return;
  free.textContent = freeText;
  all.data = text;
  counts.className = known && count.all ? (count.free ? "fa" : "fa z") : "count";
  row.classList.toggle("none", count.all === 0);
  row.hidden = value === unstated && count.all === 0 && !box.checked;
};

const chosenOf = (options) => options.filter(({ box }) => box.checked).map(({ value }) => value);

// Facets is the form of a filter, in its root element. Each change of it calls a
// function.
export class Facets {
  constructor(form, filter, onChange) {
    Object.assign(this, { form, filter, others: [] });
    this.text = make("input", { type: "search", name: "q", id: "words", autocomplete: "off", spellcheck: "false" });
    this.when = new WhenFields();
    this.flags = filter.flags.map((data) => this.flag(data));
    this.choices = filter.choices.map((data) => this.choice(data));
    this.amounts = filter.amounts.filter((data) => data.range && !data.alias && data.most > 0).map((d) => this.amount(d));

    const shown = this.choices.filter(({ data }) => !data.hidden && data.names.some((name) => name !== ""));
    form.append(
      make("div", { class: "field" }, make("label", { for: "words" }, "Words"), this.text),
      this.when.root,
      ...shown.filter(({ data }) => data.open).map((c) => c.root),
      make("fieldset", { class: "facet" }, make("legend", {}, "At least, at most"), ...this.amounts.map((a) => a.root)),
      make(
        "fieldset",
        { class: "facet" },
        make("legend", {}, "With"),
        ...this.flags.filter(({ data }) => !data.hidden).flatMap((f) => f.options.map((o) => o.row)),
      ),
      ...shown.filter(({ data }) => !data.open).map((c) => c.root),
      make("button", { type: "reset" }, "Clear all"),
    );

    form.addEventListener("input", onChange);
    form.addEventListener("submit", (e) => e.preventDefault());
    form.addEventListener("reset", () => {
      this.others = [];
      setTimeout(onChange); // the fields are cleared after the event
    });
    form.hidden = false;
  }

  // flag is the choice of what a node has, and of what is not stated.
  flag(data) {
    return { data, options: [option(data.search, "true", data.title), option(data.search, unstated, `${data.title} not stated`)] };
  }

  // choice is a set of names to choose from, and of what is not stated.
  choice(data) {
    const { names, search, title, labels } = data;
    const options = names.map((name) => option(search, name, labels?.[name] ?? name));
    options.push(option(search, unstated, "not stated"));
    const label = ({ value }) => labels?.[value] ?? value;
    const named = options.slice(0, -1).filter((o) => o.value !== "");
    const rows = [...named.sort((a, b) => inOrder(label(a), label(b))), options.at(-1)].map((o) => o.row);
    const list = make("div", { class: "choices", role: "group", "aria-label": title }, ...rows);
    return { data, options, root: make("details", { class: "facet" }, make("summary", {}, title), list) };
  }

  // amount is a range of a number: two fields, each of which may be empty.
  amount(data) {
    const { kind, title, least, most, range } = data;
    const steps = make("datalist", { id: `steps-${range}` });
    steps.append(...(data.steps ?? []).filter((n) => n <= most).map((n) => make("option", { value: writeAmount(kind, n) })));
    const field = (end, n) =>
      make("input", {
        ...{ type: "text", name: `${range}-${end}`, list: steps.id, autocomplete: "off", spellcheck: "false" },
        ...{ placeholder: units[kind](n), "aria-label": `${title}, ${end}` },
      });
    const [from, to] = [field("at least", least), field("at most", most)];
    return { data, from, to, root: make("div", { class: "span" }, make("span", {}, title), from, to, steps) };
  }

  // read takes what is chosen from a URL's query. What the form cannot show of it is kept.
  read(query) {
    this.text.value = query.getAll("q").at(-1) ?? "";
    const shown = new Set(["q", ...this.when.read(query)]);
    for (const { data, options } of this.flags) {
      const wanted = readList(query, data.search);
      for (const { box, value } of options) box.checked = wanted.includes(value);
      if (wanted.every((want) => options.some(({ value }) => value === want))) shown.add(data.search);
    }
    for (const choice of this.choices) this.readChoice(choice, query, shown);
    for (const amount of this.amounts) this.readAmount(amount, query, shown);
    this.others = [...this.filter.params]
      .filter((name) => query.has(name) && !shown.has(name))
      .map((name) => [name, query.getAll(name).at(-1)]);
  }

  readChoice({ data, options, root }, query, shown) {
    const wanted = readList(query, data.search);
    const match = matches[data.match ?? "exactly"];
    for (const { box, value } of options)
      box.checked = wanted.some((want) => (value === unstated ? want === unstated : match(value, want)));
    root.open = wanted.length > 0 || data.open === true;
    if (!wanted.length || options.some(({ box }) => box.checked)) shown.add(data.search);
  }

  readAmount({ data, from, to }, query, shown) {
    const ranges = readList(query, data.range);
    const least = Number(query.getAll(data.min).at(-1) ?? "");
    from.value = to.value = "";
    if (ranges.length === 1 && ranges[0] !== unstated && !(data.min && query.has(data.min))) {
      const ends = splitRange(ranges[0]);
      [from.value, to.value] = [ends.from, ends.to];
      shown.add(data.range);
    } else if (!ranges.length && least > 0) {
      from.value = writeAmount(data.kind, least);
      shown.add(data.min);
    }
  }

  // write puts what is chosen into a URL's query. A range that is none is left out, and
  // its fields say so.
  write(query) {
    for (const [name, value] of this.others) query.set(name, value);
    if (this.text.value.trim()) query.set("q", this.text.value.trim());
    this.when.write(query);
    for (const { data, options } of this.flags) {
      const chosen = chosenOf(options);
      if (chosen.length) query.set(data.search, joinList(chosen));
    }
    for (const { data, options } of this.choices) {
      const chosen = chosenOf(options);
      if (chosen.length) query.set(data.search, joinList(chosen.map((name) => whole(data, name))));
    }
    for (const { data, from, to } of this.amounts) {
      const range = joinRange({ from: from.value.replace(/\s/g, ""), to: to.value.replace(/\s/g, "") });
      const isRange = !range || parseSpan(data.kind, range, data.zero) !== null;
      for (const field of [from, to]) field.setAttribute("aria-invalid", String(!isRange));
      if (range && isRange) query.set(data.range, range);
    }
    return query;
  }

  // showCounts writes the filter's counts to the options.
  showCounts(known) {
    for (const { data, options } of this.flags)
      for (const o of options) showCount(o, o.value === unstated ? countUnstated(data) : countFlagged(data), known);
    for (const { data, options } of this.choices)
      options.forEach((o, i) => showCount(o, o.value === unstated ? countUnstated(data) : countNamed(data, i), known));
    this.when.showCounts(this.filter, known);
  }
}
