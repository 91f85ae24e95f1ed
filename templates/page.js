// Entry of every page: which commit is served, and two keys: `/` is for the search field, `y` for
// a URL with the commit in it, to cite.
import { make } from "./dom.js";
import { fetchJSON } from "./live.js";
import { expand } from "./url.js";
import { otherZone, pageZone, turnZone } from "./zone.js";

const served = document.getElementById("served");
const field = document.getElementById("find");

// showServed names the commit that is served, which only the live service knows.
const showServed = async () => {
  const { body } = await fetchJSON(served.dataset.served);
  if (!body?.version) return;

  const day = new Date(body.timestamp * 1000).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
  const commit = make("a", { href: expand(served.dataset.change, body.version) }, body.version.slice(0, 7));
  served.replaceChildren("Data: commit ", commit, ` of ${day}.`);
  served.after(permanentLink(body.version));
  showZone();
  showCited(body.version);
};

// showZone says in which zone the page's times are, and offers the other one.
const showZone = () => {
  const other = otherZone();
  if (!other) return;
  const button = make("button", { type: "button", id: "zone" }, `Show times in ${other}`);
  button.addEventListener("click", turnZone);
  document.querySelector(".foot .wrap").append(make("span", {}, `Times are in ${pageZone().name}. `, button));
};

// permanentLink puts a commit into the page's own URL: whoever follows that later is told what
// has changed since. Pages write their query meanwhile, so the URL is made when it is asked for.
const permanentLink = (version) => {
  const label = ["Permanent URL ", make("kbd", {}, "y")];
  const link = make("a", { id: "permanent", href: `?commit=${version}`, "aria-keyshortcuts": "y" }, ...label);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const url = new URL(location.href);
    url.searchParams.set("commit", version);
    history.replaceState(history.state, "", url);
    link.replaceChildren("The address is permanent now");
  });
  return link;
};

// showCited tells whoever follows a permanent URL that other data is served since.
const showCited = (version) => {
  const cited = new URLSearchParams(location.search).get("commit");
  if (!/^[0-9a-f]{7,40}$/.test(cited ?? "") || version.startsWith(cited)) return;
  if (served.dataset.changed?.startsWith(cited)) return; // nothing has changed what the page is about

  const commit = make("a", { href: expand(served.dataset.change, cited) }, cited.slice(0, 7));
  const changes = make("a", { href: served.querySelector("a").pathname.replace(/\/[^/]*$/, "") }, "what changed since");
  const text = make("p", {}, "This address was made for commit ", commit, "; the page shows newer data: see ", changes, ".");
  document.querySelector("main").prepend(make("div", { class: "notice", role: "note" }, text));
};

// On a narrow screen the navigation scrolls: the page's own entry has to be in view.
const here = document.querySelector(".top nav [aria-current]");
if (here) here.parentNode.scrollLeft = here.offsetLeft - here.parentNode.offsetLeft - 40;

document.addEventListener("keydown", (event) => {
  const writes = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (writes || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && field?.offsetParent) {
    event.preventDefault();
    field.focus();
  }
  if (event.key === "y") document.getElementById("permanent")?.click();
});

// Pages that nobody asks the live service for do without it.
document.addEventListener("live", showServed, { once: true });
