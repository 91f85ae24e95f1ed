// "Copy as": a question to the API as texts that ask it: its URL, a command with curl,
// and programs in Python and JavaScript.
//
//   copyAs("/nodes/search", query)  // query: URLSearchParams, or a text such as "gpu=true"
//   → { URL: "https://…", curl: "curl -fsS '…'", Python: "import …", JavaScript: "const …" }
//
// The keys are the languages' names for people, in the order in which pages offer them.
// Values of the query may be hostile: none ends a quotation.
import { javascript, python } from "./snippets.js";

// shellQuote writes a text as one word for a POSIX shell.
const shellQuote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

export const copyAs = (path, query, origin = location.origin) => {
  const url = new URL(path, origin);
  url.search = query.toString().replaceAll("%2C", ","); // of lists, which stay readable
  const request = { url: url.href, method: "GET", headers: { accept: "application/json" } };
  return {
    URL: url.href,
    curl: `curl -fsS --globoff ${shellQuote(url.href)}`, // braces and brackets are no patterns
    Python: python(request),
    JavaScript: javascript(request),
  };
};
