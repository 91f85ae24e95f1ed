// Entry of the catalogue: how many nodes of each type, or cluster, are free now and in two weeks,
// by one request, and the first answer to the question. Links from when the page had the list of
// nodes lead there: they have a query.
import { Ask, nameDay } from "./ask.js";
import { countsOf, showCounts } from "./counts.js";
import { counted, make, number, run } from "./dom.js";
import { watchFlavors } from "./flavors.js";
import { freeOf, showLarge } from "./free.js";
import { fetchJSON, showAge } from "./live.js";
import { drawStrip } from "./strip.js";
import { formatTime } from "./ways.js";
import { pageZone } from "./zone.js";

const day = 24 * 3600e3;
const days = 14;
const patience = 300; // milliseconds until a question counts as asked

const main = document.getElementById("main");
const answer = document.getElementById("answer");

// showCard writes what a type has free into its card, before what the page says of nodes that are
// leased by flavor.
const showCard = (card, { nodes, free, least }, start) => {
  showLarge(card.querySelector(".big"), free[0], nodes);
  const next = free[0] ? -1 : least.findIndex((n) => n > 0);
  const from = next > 0 ? `, some from ${nameDay(start + next * day)}` : "";
  const label = card.querySelector(".lab");
  label.textContent = [`free now${from}`, label.textContent.trim()].filter(Boolean).join(", ");
  drawStrip(card.querySelector(".strip"), least, nodes);
};

const showFree = async () => {
  const start = Date.now();
  const end = new Date(start + days * day).toISOString();
  const url = new URL(main.dataset.capacity, location.href);
  url.searchParams.set("end", end);
  const { body } = await fetchJSON(url);
  if (!body?.items) return showAge(null, start);

  showAge({ sites: new Map(body.sites.map((s) => [s.site_id, s])), demo: body.demonstration === true }, start);
  const groups = new Map(body.items.map((item) => [item.value, item]));
  const sum = (cards, of) => cards.reduce((n, card) => n + (of(groups.get(card.dataset.value)) ?? 0), 0);

  for (const section of main.querySelectorAll("section:has(.cards)")) {
    const cards = [...section.querySelectorAll(".card")].filter((card) => groups.has(card.dataset.value));
    for (const card of cards) showCard(card, groups.get(card.dataset.value), start);
    const text = counted(section.querySelectorAll(".card").length, main.dataset.kind);
    section
      .querySelector(".head p")
      .replaceChildren(`${text}, `, freeOf(sum(cards, (g) => g.free[0]), sum(cards, (g) => g.nodes)), " nodes free");
  }

  const free = body.items.reduce((n, item) => n + item.free[0], 0);
  document.getElementById("total").replaceChildren(": ", make("strong", {}, number.format(free)), " free now");
  document.getElementById("legend").classList.add("on");
  showCounts(document.getElementById("matrix"), countsOf(body.counts ?? []));
  document.getElementById("matrix-free").hidden = false;
};

// answerTo puts the first slot into a sentence. Sites are those to choose from.
const answerTo = ({ total, items, most }, now, sites) => {
  const [slot] = items;
  if (total === 0 || !slot) {
    const many = most ? ` At most ${most.count} are free together.` : "";
    return [`No time in the next 30 days.${many}`];
  }
  const start = Date.parse(slot.start);
  const when = start - now < 60e3 ? "Yes: now" : `Yes: from ${formatTime(start, now)} ${pageZone().name}`;
  const nodes = slot.nodes?.length ? `, ${counted(slot.nodes.length, "node")}` : "";
  const site = [...sites].find(({ value }) => value === slot.site_id)?.text ?? slot.site_id ?? "several sites";
  const type = slot.node_type ? [" on ", make("bdi", {}, slot.node_type)] : [];
  return [make("strong", {}, when), ...type, " at ", make("bdi", {}, site), `${nodes}.`];
};

let asked = 0;
const askNow = async (form) => {
  const mine = ++asked;
  const url = new URL(main.dataset.slots, location.href);
  for (const [name, value] of new FormData(form)) if (value) url.searchParams.append(name, value);
  url.searchParams.set("limit", 1);
  const { status, body } = await fetchJSON(url);
  if (mine !== asked) return; // a later question is under way
  if (status === 200) answer.replaceChildren(...answerTo(body, Date.now(), form.elements.site_id.options));
  else answer.replaceChildren(body?.detail?.map?.((fault) => fault.msg).join("; ") ?? "");
};

const start = async () => {
  const form = document.getElementById("ask");
  new Ask(form, Date.now());
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => run(answer, () => askNow(form)), patience);
  });
  watchFlavors();
  await showFree();
  await askNow(form);
};

const query = new URLSearchParams(location.search);
query.delete("commit");
if (query.size) {
  const list = document.getElementById("all");
  location.replace(list.pathname + location.search + location.hash);
} else {
  run(main, start);
}
