import { defineConfig } from "orval";

const client = (folder: string, override: object) => ({
  input: "openapi.json",
  output: {
    target: `${folder}/api.ts`,
    client: "fetch" as const,
    baseUrl: { runtime: "server", imports: [{ name: "server", importPath: "../report", values: true }] },
    override,
  },
});

export default defineConfig({
  plain: client("orval", {}),
  dates: client("orval-dates", {
    useDates: true,
    fetch: { jsonReviver: { path: "orval-dates/time.ts", name: "revive" } },
  }),
});
