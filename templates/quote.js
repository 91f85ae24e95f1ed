// Values in the languages of snippets. A value becomes a complete literal of one line in
// printable ASCII, whatever is in it: names come from files that others write.

const isPlain = (c) => c >= " " && c <= "~";

const hex = (code, length) => code.toString(16).padStart(length, "0");

// escape writes a text with escapes for what is not plain, and for characters of its own.
const escape = (text, special, write) =>
  Array.from(text, (c) => (isPlain(c) && !special.includes(c) ? c : write(c.codePointAt(0)))).join("");

// json escapes by units of UTF-16, as its escapes are.
const json = (text, special = "") =>
  `"${text
    .split("")
    .map((c) => (isPlain(c) && !`"\\${special}`.includes(c) ? c : `\\u${hex(c.charCodeAt(0), 4)}`))
    .join("")}"`;

// long writes an escape of Python and of HCL. Quotes and backslashes have short ones.
const long = (code) =>
  isPlain(String.fromCodePoint(code)) && code !== 0x24 && code !== 0x25
    ? `\\${String.fromCodePoint(code)}`
    : code > 0xffff
      ? `\\U${hex(code, 8)}`
      : `\\u${hex(code, 4)}`;

// python writes JSON in single quotes, so that it can be read.
const python = (text) => {
  const mark = text.includes('"') && !text.includes("'") ? "'" : '"';
  return mark + escape(text, `${mark}\\`, long) + mark;
};

// sh writes one word of a POSIX shell. Only printf can write what is not plain; newlines at
// the end are lost.
const sh = (text) => {
  if (/^[ -~]*$/.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  const octal = (byte) => `\\${byte.toString(8).padStart(3, "0")}`;
  const bytes = (code) => Array.from(new TextEncoder().encode(String.fromCodePoint(code)), octal).join("");
  return `"$(printf -- '${escape(text.toWellFormed?.() ?? text, "'%\\", bytes)}')"`;
};

// quote has the languages. A URL is no literal: its values are parts of it.
export const quote = {
  sh,
  json: (text) => json(text),
  yaml: (text) => json(text), // YAML 1.2 has the strings of JSON
  python,
  hcl: (text) => `"${escape(text, `"\\$%`, long)}"`,
  url: (text) => encodeURIComponent(text.toWellFormed?.() ?? text),
};

// property is a condition of Blazar for one value. Escapes take the meaning of what
// splits the arguments of its command line: commas, equals signs and quotes.
export const property = (name, value) => `["==", "$${name}", ${json(value, "',=")}]`;
