// What the programs share: the server that they ask, and how they print.
declare const process: { readonly argv: readonly string[] };

export const server = process.argv[2] ?? "";

export const path = { site: "north", cluster: "alpha", node: "1b2e4d63-7e2c-4a1f-8b66-3c9e6f2d5b02" };
export const commit = "ae5f257ab214f7bdb03b505bfca25cf8515b21d9";

// A day from now, for an hour.
export const start = new Date(Date.now() + 24 * 3600e3);
export const end = new Date(start.valueOf() + 3600e3);

// must returns a value that is there, or ends the call.
export const must = <T>(value: T | null | undefined): T => {
  if (value === null || value === undefined) throw new Error("a value is missing");
  return value;
};

const times = new Set<string>();

// hours is how much time lies between two times of responses.
export const hours = (from: Date | string, to: Date | string): number => {
  for (const time of [from, to]) times.add(time instanceof Date ? "Date" : "string");
  return (new Date(to).valueOf() - new Date(from).valueOf()) / 3600e3;
};

// report makes calls, and prints what each returns.
export const report = async (calls: Record<string, () => Promise<string>>): Promise<void> => {
  for (const [name, call] of Object.entries(calls)) {
    const got = await call().catch((error: unknown) => `error: ${String(error)}`);
    console.log(`${name}: ${got}`);
  }
  console.log(`times: ${[...times].join(", ")}`);
};
