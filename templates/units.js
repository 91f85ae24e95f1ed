// Numbers with their units, as the pages write them.

const scaled = (n, by, units) => {
  if (!n) return "";
  let unit = 0;
  for (; n >= by && unit < units.length - 1; unit++) n /= by;
  return `${+n.toFixed(n < 10 ? 2 : n < 100 ? 1 : 0)}\u00a0${units[unit]}`;
};

// binary is a size of memory, in bytes.
export const binary = (n) => scaled(n, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]);

// decimal is a size of storage, in bytes.
export const decimal = (n) => scaled(n, 1000, ["B", "kB", "MB", "GB", "TB", "PB", "EB"]);

// rate is how fast a network is, in bits a second.
export const rate = (n) => scaled(n, 1000, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s", "Ebit/s"]);
