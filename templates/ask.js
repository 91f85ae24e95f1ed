// The form of a question to the search for slots. It is a plain GET; here it shows what
// a query asks for, leaves out what is empty, and offers days to start at.
import { make } from "./dom.js";
import { readList } from "./url.js";

const day = 24 * 3600e3;

// dateOf writes the day of a time in UTC, as the API reads it.
const dateOf = (t) => new Date(t).toISOString().slice(0, 10);

const dayFormat = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  weekday: "short",
  day: "numeric",
  month: "short",
});

// nameDay names a day in UTC: "Mon 30 Nov".
export const nameDay = (t) => dayFormat.format(t).replace(",", "");

// daysToStart are the days that the form offers: values of the parameter after, with
// labels. A week starts on Monday.
export const daysToStart = (now) => {
  const today = now - (now % day);
  const monday = today + ((8 - new Date(today).getUTCDay()) % 7 || 7) * day;
  const days = [
    ["Tomorrow", today + day],
    ["Next week", monday],
    ["In 2 weeks", monday + 7 * day],
    ["In 3 weeks", monday + 14 * day],
  ];
  return [["", "Now"], ...days.map(([name, t]) => [dateOf(t), `${name}, ${nameDay(t)}`])];
};

// apiDefaults are the values of parameters that a query does not have.
const apiDefaults = { count: "1", hours: "1", unit: "nodes" };

// The second part of a mixture has a prefix before the names of its parameters.
const prefix = "2.";
const partNames = /^(gpu_family|gpu_memory|node_type|count)$/;

// labelOf is what a choice is called that only a query has.
const labelOf = (name, value) => {
  if (name === "after") return /^\d{4}-\d{2}-\d{2}$/.test(value) ? nameDay(Date.parse(value)) : value;
  return readList(new URLSearchParams([[name, value]]), name).join(" or ");
};

// Also is the second line of the form, for another part of a mixture: a copy of what the first
// one asks for. It counts while it is open.
class Also {
  constructor(form) {
    const row = make("div", { class: "ask", role: "group", "aria-label": "And also" });
    for (const field of form.querySelectorAll(".ask > .field"))
      if (partNames.test(field.querySelector("[name]")?.name)) row.append(this.copy(field));
    this.root = make("details", { class: "also" }, make("summary", {}, "and also …"), row);
    form.querySelector(".ask.second").append(this.root);
  }

  copy(field) {
    const copy = field.cloneNode(true);
    const label = copy.querySelector("label");
    label.htmlFor = label.htmlFor.replace("ask-", "also-");
    for (const input of copy.querySelectorAll("[name]")) {
      if (input.id) input.id = label.htmlFor;
      input.name = prefix + input.name;
    }
    return copy;
  }

  // isLeftOut reports whether a field is of a line that does not count.
  isLeftOut(field) {
    return !this.root.open && this.root.contains(field);
  }
}

// Ask is the form. It takes along parameters that it has no field for.
export class Ask {
  constructor(form, now) {
    this.form = form;
    this.chosenUnits = new Set();
    this.offerDays(now);
    form.addEventListener("change", (e) => this.follow(e.target));
    form.addEventListener("submit", () => this.leaveOut());
    // Back shows the page as it was left, with what was disabled.
    addEventListener("pageshow", () => this.takeIn());
  }

  // offerDays puts a choice of days before the field for a date, which is for other ones.
  // Without a script there is neither: the API refuses a start that is empty.
  offerDays(now) {
    this.date = this.form.querySelector("[type=date]");
    this.date.parentElement.hidden = false;
    const options = [...daysToStart(now), ["other", "Another day …"]];
    this.day = make(
      "select",
      { id: this.date.id, name: "after" },
      ...options.map(([value, text]) => make("option", { value }, text)),
    );
    this.date.removeAttribute("id");
    this.date.setAttribute("aria-label", "Day");
    this.date.before(this.day);
    this.day.addEventListener("change", () => this.chooseDay());
    this.chooseDay();
  }

  chooseDay() {
    const other = this.day.value === "other";
    this.day.name = other ? "" : "after";
    this.date.name = other ? "after" : "";
    this.date.hidden = !other;
  }

  // follow makes the number one of GPUs when a GPU is chosen, until the reader chooses what
  // it counts.
  follow(field) {
    const part = field.name.startsWith(prefix) ? prefix : "";
    const unit = this.form.elements[`${part}unit`];
    if (field === unit) this.chosenUnits.add(unit);
    if (!unit || this.chosenUnits.has(unit) || !field.name.startsWith(`${part}gpu_`)) return;
    const isOfGPUs = [...this.form.elements].some((e) => e.name.startsWith(`${part}gpu_`) && e.value);
    unit.value = isOfGPUs ? "gpus" : "nodes";
  }

  // offerAlso adds a line for nodes of another kind.
  offerAlso() {
    this.also = new Also(this.form);
  }

  // leaveOut keeps what is empty out of the query.
  leaveOut() {
    for (const field of this.form.elements)
      field.disabled = Boolean(field.name && !field.value) || Boolean(this.also?.isLeftOut(field));
  }

  takeIn() {
    for (const field of this.form.elements) field.disabled = false;
  }

  // read shows the question of a query.
  read(query) {
    for (const part of ["", prefix]) this.chosenUnits.add(this.form.elements[`${part}unit`]);
    for (const field of [...this.form.elements])
      if (field.name && !query.has(field.name)) field.value = apiDefaults[field.name.replace(prefix, "")] ?? "";
    if (this.also) this.also.root.open = [...query.keys()].some((name) => name.startsWith(prefix));
    for (const name of new Set(query.keys())) this.set(name, query.getAll(name).at(-1));
  }

  // titles are what the form calls parameters.
  titles() {
    const labels = [...this.form.querySelectorAll("label[for]")];
    const others = Object.entries(JSON.parse(this.form.dataset.titles ?? "{}"));
    return new Map([...others, ...labels.map((e) => [this.form.querySelector(`#${e.htmlFor}`).name, e.textContent])]);
  }

  // set fills a field. A choice that is not offered is added.
  set(name, value) {
    const field = this.form.elements[name];
    if (!field) {
      const line = name.startsWith(prefix) ? this.also?.root : null;
      (line ?? this.form).append(make("input", { type: "hidden", name, value }));
      return;
    }
    field.value = value;
    if (field.tagName === "SELECT" && field.value !== value) {
      field.append(make("option", { value }, labelOf(name, value)));
      field.value = value;
    }
  }
}
