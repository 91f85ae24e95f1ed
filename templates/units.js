// Numbers with their units, as the pages write them.

const scaled = (n, by, units) => {
  if (!n) return "";
  let unit = 0;
  for (; n >= by && unit < units.length - 1; unit++) n /= by;
  return `${+n.toFixed(n < 10 ? 2 : n < 100 ? 1 : 0)}\u00a0${units[unit]}`;
};

// Units write numbers by what they are: the kinds of properties.
export const units = {
  count: (n) => (n ? String(n) : ""),
  // Memory is sold in powers of 1024, storage in powers of 1000.
  "binary bytes": (n) => scaled(n, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]),
  bytes: (n) => scaled(n, 1000, ["B", "kB", "MB", "GB", "TB", "PB", "EB"]),
  hertz: (n) => scaled(n, 1000, ["Hz", "kHz", "MHz", "GHz", "THz", "PHz", "EHz"]),
  "bits per second": (n) => scaled(n, 1000, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s", "Ebit/s"]),
  flag: (n) => (n > 0 ? "yes" : ""), // -1 is not stated
};
