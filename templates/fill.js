// Snippets, filled in. What is to be reserved is
//
//   { site, siteName, siteWeb, type | nodes | flavor, count, start, end }
//
// with nodes as [{ uid, name }] and times in milliseconds; no start is now.
import { property, quote } from "./quote.js";

// formatTime writes a time as Blazar reads it: UTC, to the minute.
const formatTime = (t) => new Date(t).toISOString().slice(0, 16).replace("T", " ");

const two = (n) => String(n).padStart(2, "0");

// lengths are the length of a lease as a number of hours, and as hh:mm:ss.
const lengths = (milliseconds) => {
  const minutes = Math.ceil(milliseconds / 60e3);
  return { hours: String(minutes / 60), walltime: `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:00` };
};

// valuesOf are what placeholders stand for.
const valuesOf = (choice, now) => ({
  count: choice.count,
  site: choice.site,
  site_name: choice.siteName || choice.site,
  start: choice.start ? formatTime(choice.start) : "",
  end: formatTime(choice.end),
  ...lengths(choice.end - (choice.start || now)),
  ...(choice.flavor && { flavor: choice.flavor }),
  ...(choice.type && { type: choice.type, type_properties: property("node_type", choice.type) }),
});

const nodeValues = ({ uid, name }) => ({
  node: uid,
  node_name: name || uid,
  node_properties: property("hypervisor_hostname", uid),
});

const placeholder = /\{\{\s*(\w+)\s*\}\}/g;

// isWeb reports whether a text is the URL of a web site, so that a link to it is harmless.
const isWeb = (text) => /^https?:\/\/[^/]/.test(text);

// replace fills in one line. Numbers need no quotes in any language.
const replace = (line, language, values) =>
  line.replace(placeholder, (_, name) => {
    const value = values[name] ?? "";
    return typeof value === "number" || name === "hours" ? String(value) : quote[language](value);
  });

// fillLink fills in a URL. It can choose one node; for several it ends before its query.
const fillLink = (template, choice, values) => {
  const several = choice.nodes?.length > 1;
  const node = choice.nodes?.length ? nodeValues(choice.nodes[0]) : {};
  const [web, rest] = template.startsWith("{{site_web}}")
    ? [choice.siteWeb?.replace(/\/+$/, ""), template.slice("{{site_web}}".length)]
    : ["", template];
  const url = web + replace(several ? rest.split("?")[0] : rest, "url", { ...values, ...node });
  return isWeb(url) ? url : null;
};

// fill returns a snippet's text for a choice; null where it has no template for it. A line
// with a node is repeated for each of them, and one with a start is left out for now.
export const fill = (snippet, choice, now) => {
  const template = snippet[choice.flavor ? "flavor" : choice.type ? "type" : "nodes"];
  if (!template) return null;
  const values = valuesOf(choice, now);
  if (snippet.language === "url") return fillLink(template, choice, values);

  return template
    .split("\n")
    .filter((line) => choice.start || !/\{\{\s*start\s*\}\}/.test(line))
    .flatMap((line) =>
      /\{\{\s*node/.test(line) && choice.nodes
        ? choice.nodes.map((node) => replace(line, snippet.language, { ...values, ...nodeValues(node) }))
        : [replace(line, snippet.language, values)],
    )
    .join("\n");
};

// A lease that starts within this time, in milliseconds, is made from now on: its start
// would be past before the command is copied.
const margin = 2 * 60e3;

// startOf is the start of a lease for a time; undefined for now.
export const startOf = (t, now) => (t < now + margin ? undefined : t);
