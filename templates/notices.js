// Dated notices of sites, such as a planned outage, above what a page is about.
import { make } from "./dom.js";
import { pageZone } from "./zone.js";

// listNotices are those of sites, each once, and when: they are about all sites, or name
// theirs.
export const listNotices = (sites, zone = pageZone()) => {
  const all = new Map(sites.flatMap((site) => site.notices ?? []).map((notice) => [notice.id, notice]));
  return [...all.values()].map(({ site_id: site, start, end, text, url }) => {
    const full = (time) => zone.formats.full.format(Date.parse(time));
    const when = start ? `${full(start)} to ${full(end)} ${zone.name}` : `until ${full(end)} ${zone.name}`;
    return { site: site ?? "All sites", when, text, url: /^https?:/.test(url ?? "") ? url : null };
  });
};

// showNotices puts them first in the page.
export const showNotices = (sites) => {
  const main = document.querySelector("main");
  for (const old of main.querySelectorAll(":scope > .notice.dated")) old.remove();

  const boxes = listNotices(sites).map(({ site, when, text, url }) => {
    const more = url ? [" ", make("a", { href: url }, "More about it")] : [];
    const about = make("span", {}, make("b", {}, site), `, ${when}: ${text}`, ...more);
    return make("div", { class: "notice dated", role: "note" }, make("span", { class: "st m" }, "Notice"), about);
  });
  main.prepend(...boxes);
};
