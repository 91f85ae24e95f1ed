// The panel that says how to reserve: a tab for each snippet of the site.
import { copyButton, make } from "./dom.js";
import { fetchJSON } from "./live.js";
import { fill } from "./fill.js";

// loadSites gets the names and web pages of sites, by uid.
const loadSites = async (url) => {
  const { body } = await fetchJSON(url);
  return new Map((body?.items ?? []).map((site) => [site.uid, site]));
};

// Reserve fills a root element, with the URLs of the snippets and of the sites.
export class Reserve {
  constructor(root) {
    this.root = root;
    this.body = make("div", { class: "tabs" });
    root.append(this.body);
  }

  // load gets what the panel is made of, once.
  load() {
    this.loaded ??= Promise.all([fetchJSON(this.root.dataset.snippets), loadSites(this.root.dataset.sites)]);
    return this.loaded;
  }

  // show fills in the snippets. See fill.js for a choice.
  async show(choice, now = Date.now()) {
    this.choice = choice;
    const [{ body: snippets }, sites] = await this.load();
    if (this.choice !== choice) return; // another one was made since
    if (!snippets) throw new Error("the ways to reserve could not be loaded");

    const site = sites.get(choice.site);
    const full = { ...choice, siteName: site?.name ?? choice.site, siteWeb: site?.web ?? "" };
    const filled = snippets
      .map((snippet) => ({ ...snippet, text: fill(snippet, full, now) }))
      .filter(({ text }) => text !== null);
    this.render(filled, full.siteName);
  }

  render(snippets, siteName) {
    const chosen = snippets.find(({ name }) => name === this.chosen) ?? snippets[0];
    const panes = snippets.map((snippet) => pane(snippet, siteName));
    const set = make(
      "fieldset",
      { class: "set" },
      make("legend", { class: "vh" }, "How to reserve"),
      ...snippets.map(({ title }, i) => {
        const radio = make("input", { type: "radio", name: `${this.root.id}-how`, value: i });
        radio.checked = snippets[i] === chosen;
        return make("label", {}, radio, title);
      }),
    );
    const turn = () => {
      const at = Number(set.querySelector(":checked")?.value ?? 0);
      this.chosen = snippets[at]?.name;
      panes.forEach((e, i) => e.classList.toggle("on", i === at));
    };
    set.addEventListener("change", turn);
    this.body.replaceChildren(set, ...panes);
    turn();
  }
}

// pane is a snippet with its text to copy, or the link to follow.
const pane = ({ title, language, about, text }, siteName) => {
  const notes = about ? [make("p", { class: "small muted" }, about)] : [];
  const heading = make("h3", { class: "how" }, title); // for paper, which has all panes
  if (language === "url") {
    const link = make("a", { class: "btn primary", href: text }, `Continue at ${siteName}`);
    return make("div", { class: "pane" }, heading, ...notes, make("p", {}, link));
  }
  const pre = make("pre", { tabindex: "0", role: "region", "aria-label": title }, make("code", {}, text));
  return make("div", { class: "pane" }, heading, ...notes, pre, copyButton(pre));
};
