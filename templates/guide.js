// The guide: search over all chapters, buttons that copy examples, and examples
// that ask the site they are read on. Without it, the contents lead everywhere.
import { copier, counted, make } from "./dom.js";

// Examples name a host that stands for any. Here is a real one.
const main = document.querySelector("main");
const site = new URL(main.dataset.api, location.href).href.replace(/\/$/, "");
for (const code of main.querySelectorAll("pre code")) {
  code.textContent = code.textContent.replaceAll("https://api.example.org", site);
}

// Answers and outputs are not to be typed; all else is.
for (const pre of main.querySelectorAll("pre:not([data-language=''], [data-language=text], [data-language=json])")) {
  const frame = make("div", { class: "example" }, make("div", { class: "head" }, pre.getAttribute("aria-label"), copier(pre)));
  pre.replaceWith(frame);
  frame.append(pre);
}

// Search.
const form = document.querySelector("#search");
const field = form.elements.q;
const found = document.querySelector("#found");
const hits = document.querySelector("#hits");
const mostHits = 20;
const around = 70; // letters of text before and after the first word that is found

let sections; // a promise, from the first search on
const load = () => sections ??= fetch(form.dataset.index).then((answer) => {
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}).then((index) => index.sections);

// rank says how well a section fits, 0 for not at all: each word must be found.
// A word in the title counts for more than one in the text.
const rank = (section, words) => {
  const [title, chapter, text] = [section.title, section.chapter, section.text].map((s) => s.toLowerCase());
  let sum = 0;
  for (const word of words) {
    const points = (title.includes(word) ? 8 : 0) + (chapter.includes(word) ? 2 : 0) + (text.includes(word) ? 1 : 0);
    if (!points) return 0;
    sum += points;
  }
  return sum;
};

// excerpt is the text around the first word that is found, with all words
// marked. Texts become text nodes: nothing in them can be markup.
const excerpt = (text, words) => {
  const low = text.toLowerCase();
  const at = Math.min(...words.map((w) => low.indexOf(w)).filter((i) => i >= 0), text.length);
  let [from, to] = [Math.max(0, at - around), Math.min(text.length, at + 2 * around)];
  if (at === text.length) [from, to] = [0, 3 * around];
  const out = make("p");
  if (from > 0) out.append("… ");
  for (let i = from; i < to;) {
    const next = words.map((w) => [low.indexOf(w, i), w.length]).filter(([j]) => j >= 0 && j < to).sort(([a, m], [b, n]) => a - b || n - m)[0];
    if (!next) {
      out.append(text.slice(i, to));
      break;
    }
    const [start, end] = [next[0], next[0] + next[1]];
    out.append(text.slice(i, start), make("mark", {}, text.slice(start, end)));
    i = end;
  }
  if (to < text.length) out.append(" …");
  return out;
};

const hit = ({ chapter, title, page, text }, words) =>
  make("li", {}, make("a", { href: page }, title === chapter ? title : `${chapter}: ${title}`), excerpt(text, words));

// remember puts the query into the address, so that it can be sent to others.
const remember = () => {
  const address = new URL(location.href);
  if (field.value.trim()) address.searchParams.set("q", field.value);
  else address.searchParams.delete("q");
  if (address.href !== location.href) history.replaceState(null, "", address);
};

let remembering; // a timer: browsers refuse many changes of the address at once
const search = async () => {
  const query = field.value;
  const words = [...new Set(query.toLowerCase().split(/\s+/).filter(Boolean))];
  clearTimeout(remembering);
  remembering = setTimeout(remember, 200);
  if (!words.length) {
    hits.replaceChildren();
    found.textContent = "";
    return;
  }
  let all;
  try {
    all = await load();
  } catch {
    sections = undefined;
    found.textContent = "The search does not answer. The contents have all chapters.";
    return;
  }
  if (query !== field.value) return; // somebody types on
  const ranked = all.map((section) => [rank(section, words), section]).filter(([points]) => points).sort(([a], [b]) => b - a);
  hits.replaceChildren(...ranked.slice(0, mostHits).map(([, section]) => hit(section, words)));
  const count = ranked.length ? counted(ranked.length, "section") : "No sections";
  found.textContent = ranked.length > mostHits ? `${count}; the best ${mostHits} are shown` : count;
};

// The arrow keys go from the field through what is found, and back.
const step = (by) => {
  const stops = [field, ...hits.querySelectorAll("a")];
  const at = stops.indexOf(document.activeElement);
  stops[Math.min(Math.max(at + by, 0), stops.length - 1)].focus();
};

field.addEventListener("input", search);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  hits.querySelector("a")?.click();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") step(1);
  else if (event.key === "ArrowUp") step(-1);
  else if (event.key === "Escape") {
    field.value = "";
    field.focus();
    search();
  } else return;
  event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  event.preventDefault();
  field.focus();
});

form.hidden = false;
field.value = new URLSearchParams(location.search).get("q") ?? "";
if (field.value) search();
