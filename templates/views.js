// Views that the reader has named: queries of the list, kept in this browser.
import { make } from "./dom.js";

const key = "refapi.views";

// readViews returns the kept views as [name, query] by name; none where the browser has
// none, or what it has is not ours.
export const readViews = (storage) => {
  try {
    const all = Object.entries(JSON.parse(storage.getItem(key) ?? "{}"));
    return all.filter(([, query]) => typeof query === "string").sort(([a], [b]) => (a < b ? -1 : 1));
  } catch {
    return [];
  }
};

// writeViews keeps views, and returns whether the browser does so.
export const writeViews = (storage, views) => {
  try {
    storage.setItem(key, JSON.stringify(Object.fromEntries(views)));
    return true;
  } catch {
    return false;
  }
};

// Views fill a root element, a menu. Current returns the query of what is shown.
export class Views {
  constructor(root, current, storage = globalThis.localStorage) {
    Object.assign(this, { current, storage });
    this.name = make("input", { type: "text", id: "view-name", required: true, maxlength: 80, autocomplete: "off" });
    this.list = make("ul", { class: "views" });
    this.status = make("p", { class: "small", role: "status" });
    const form = make(
      "form",
      {},
      make("label", { class: "small", for: "view-name" }, "Name of what is shown now"),
      make("span", { class: "pair name" }, this.name, make("button", {}, "Save")),
    );
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      this.save(this.name.value.trim());
    });
    root.append(make("div", {}, this.list, form, this.status));
    this.show();
  }

  save(name) {
    if (!name) return;
    const others = readViews(this.storage).filter(([n]) => n !== name);
    const kept = writeViews(this.storage, [...others, [name, this.current().toString()]]);
    this.status.textContent = kept ? `Saved “${name}” in this browser.` : "This browser keeps nothing: save the URL instead.";
    this.name.value = "";
    this.show();
  }

  drop(name) {
    writeViews(this.storage, readViews(this.storage).filter(([n]) => n !== name));
    this.status.textContent = `Removed “${name}”.`;
    this.name.focus(); // the button is gone
    this.show();
  }

  show() {
    this.list.replaceChildren(
      ...readViews(this.storage).map(([name, query]) => {
        const drop = make("button", { type: "button", class: "quiet", "aria-label": `Remove the view ${name}` }, "×");
        drop.addEventListener("click", () => this.drop(name));
        return make("li", { class: "row" }, make("a", { href: `?${query}` }, make("bdi", {}, name)), drop);
      }),
    );
  }
}
