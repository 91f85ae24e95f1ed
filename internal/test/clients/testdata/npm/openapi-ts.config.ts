import { defineConfig } from "@hey-api/openapi-ts";

const input = "openapi.json";

export default defineConfig([
  { input, output: "hey/api", plugins: ["@hey-api/client-fetch", "@hey-api/sdk"] },
  {
    input,
    output: "hey-dates/api",
    plugins: [
      "@hey-api/client-fetch",
      { name: "@hey-api/transformers", dates: true, bigInt: false },
      { name: "@hey-api/sdk", transformer: true },
    ],
  },
]);
