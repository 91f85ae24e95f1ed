// Numbers with their units, as the pages write them and as people write them: the same
// as in package hardware.

const binary = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const decimal = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
const hertz = ["Hz", "kHz", "MHz", "GHz", "THz", "PHz", "EHz"];
const rate = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s", "Ebit/s"];

// Scales are how numbers are written: each unit is by times the one before it. The first
// of a kind is the one for display; people write the others, too.
const scales = {
  // Memory is sold in powers of 1024, storage in powers of 1000.
  "binary bytes": [
    { by: 1024, units: binary },
    { by: 1000, units: decimal },
  ],
  bytes: [
    { by: 1000, units: decimal },
    { by: 1024, units: binary },
  ],
  hertz: [{ by: 1000, units: hertz }],
  "bits per second": [
    { by: 1000, units: rate },
    { by: 1000, units: ["bps", "kbps", "Mbps", "Gbps", "Tbps", "Pbps", "Ebps"] },
  ],
};

const scaled = (n, { by, units }) => {
  if (!n) return "";
  let unit = 0;
  for (; n >= by && unit < units.length - 1; unit++) n /= by;
  return `${+n.toFixed(n < 10 ? 2 : n < 100 ? 1 : 0)}\u00a0${units[unit]}`;
};

// Units write numbers by what they are: the kinds of properties.
export const units = {
  count: (n) => (n ? String(n) : ""),
  ...Object.fromEntries(Object.entries(scales).map(([kind, [display]]) => [kind, (n) => scaled(n, display)])),
  flag: (n) => (n > 0 ? "yes" : ""), // -1 is not stated
};

// readBoolean reads the words that mean yes and no; undefined for others.
export const readBoolean = (text) => {
  const word = text.toLowerCase();
  if (["true", "1", "yes", "on", "t", "y"].includes(word)) return true;
  if (["false", "0", "no", "off", "f", "n"].includes(word)) return false;
  return undefined;
};

// readInteger reads a whole number, with what the API permits; 0 for others.
export const readInteger = (text) =>
  /^[+-]?\d+(_\d+)*(\.0+)?$/.test(text.trim()) ? Number(text.trim().replaceAll("_", "")) : 0;

// factorOf returns what one of a unit is, in any letter case. A prefix alone (128G) is a
// unit of display.
const factorOf = (kind, unit) => {
  const wanted = unit.toLowerCase();
  for (const { by, units } of scales[kind] ?? []) {
    const i = units.findIndex((u, i) => [u, i > 0 && u[0]].some((name) => name && name.toLowerCase() === wanted));
    if (i >= 0) return by ** i;
  }
  return undefined;
};

// parseNumber reads a number that may have a unit; undefined for others. bare means that
// there is none.
const parseNumber = (kind, text) => {
  const [, digits, unit] = /^([0-9.]*)[ \u00a0]*(.*)$/s.exec(text.trim());
  if (/^\d+$/.test(digits) && !unit) return { n: Number(digits), bare: true };
  const factor = factorOf(kind, unit);
  const value = /^(\d+\.?\d*|\.\d+)$/.test(digits) ? Number(digits) : NaN;
  return Number.isNaN(value) || factor === undefined ? undefined : { n: Math.round(value * factor), bare: false };
};

// displayed returns the numbers around n that are displayed like it.
const displayed = (kind, n) => {
  const text = units[kind](n);
  const edge = (direction) => {
    let at = n;
    for (let step = Math.floor(n / 100) + 1; step >= 1; step = Math.floor(step / 2))
      for (let next = at + direction * step; next > 0 && units[kind](next) === text; next += direction * step) at = next;
    return at;
  };
  return [edge(-1), edge(+1)];
};

// parseSpan reads a range of a property's numbers as the API does: 64..128, 64.., ..128,
// one number, or unstated. It returns its ends, null for what is no range. Zero means that
// 0 is a number like others, not one that is not known.
export const parseSpan = (kind, text, zero = false) => {
  if (text === "unstated" && !zero) return [0, 0];
  const i = text.indexOf("..");
  if (i < 0) {
    const number = parseNumber(kind, text);
    if (!number) return null;
    if (number.bare) return [number.n, number.n];
    const [least, most] = displayed(kind, number.n);

    // 80GB of memory may be 80 GiB: people write both.
    const asBinary = kind === "binary bytes" && /[a-z]b$/i.test(text.trim()) && text.trim().replace(/b$/i, "iB");
    const other = asBinary && parseNumber(kind, asBinary);
    return [least, other ? displayed(kind, other.n)[1] : most];
  }

  const [from, to] = [text.slice(0, i).trim(), text.slice(i + 2).trim()];
  const least = from ? parseNumber(kind, from)?.n : zero ? 0 : 1;
  const most = to ? parseNumber(kind, to)?.n : Infinity;
  return (from || to) && least <= most ? [least, most] : null;
};

// splitRange and joinRange are for forms with two fields: the ends of a range as texts.
export const splitRange = (text) => {
  const i = text.indexOf("..");
  return i < 0 ? { from: text, to: text } : { from: text.slice(0, i).trim(), to: text.slice(i + 2).trim() };
};
export const joinRange = ({ from, to }) => (from || to ? (from === to ? from : `${from}..${to}`) : "");
