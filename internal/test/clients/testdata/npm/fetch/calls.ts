// Calls with openapi-fetch, typed by openapi-typescript.
import createClient from "openapi-fetch";
import { commit, end, hours, must, path, report, server, start } from "../report";
import type { paths } from "./schema";

const client = createClient<paths>({ baseUrl: server });

await report({
  listSites: async () => {
    const { data } = await client.GET("/sites");
    return must(data).items.map((site) => site.uid).join(", ");
  },

  getNode: async () => {
    const { data } = await client.GET("/sites/{site}/clusters/{cluster}/nodes/{node}", { params: { path } });
    const { node_name, node_type, architecture } = must(data);
    const threads: number = must(architecture?.smt_size);
    return `${node_name}, ${node_type}, ${threads} threads`;
  },

  listClusterNodes: async () => {
    const limit = 2;
    let [nodes, pages] = [0, 0];
    for (let offset = 0, total = 1; offset < total; offset += limit) {
      const { data } = await client.GET("/sites/{site}/clusters/{cluster}/nodes", {
        params: { path, query: { offset, limit } },
      });
      total = must(data).total;
      nodes += must(data).items.length;
      pages++;
    }
    return `${nodes} nodes on ${pages} pages`;
  },

  searchNodes: async () => {
    const { data } = await client.GET("/nodes/search", {
      params: { query: { min_gpus: 4, infiniband: true, sort: "-ram,uid" } },
    });
    const gpu = must(must(data).items[0]?.gpu);
    const count: number = must(gpu.gpu_count);
    const model: string = must(gpu.gpu_model);
    return `${must(data).total} nodes, the first with ${count} ${model}`;
  },

  "searchNodes in a window": async () => {
    const { data } = await client.GET("/nodes/search", {
      params: { query: { start: start.toISOString(), end: end.toISOString(), fields: "uid,availability" } },
    });
    const reserved = must(data).items.find((node) => node.availability === "reserved");
    return reserved ? `${reserved.uid} is reserved` : "none that is reserved";
  },

  searchNodesByFilters: async () => {
    const { data } = await client.POST("/nodes/search", { body: { filter_set: [{ node_types: ["arm_thunder"] }] } });
    return `${must(data).items.length} nodes at ${must(data).items[0]?.cluster_id}`;
  },

  findSlots: async () => {
    const { data } = await client.GET("/nodes/slots", { params: { query: { count: 2, hours: 4, gpu: false } } });
    const slot = must(must(data).items[0]);
    return `${slot.nodes.length} nodes at ${slot.site_id} for ${hours(slot.start, slot.end)} hours`;
  },

  listNodeAvailability: async () => {
    const { data } = await client.GET("/nodes/availability");
    const { total, items, demonstration } = must(data);
    const odd = items.flatMap((node) => must(node.reservations)).find((r) => hours(r.start, r.end) < 0);
    return odd ? "a reservation that ends before it starts" : `${total} nodes${demonstration ? " of simulated data" : ""}`;
  },

  getNodeAvailability: async () => {
    const { data } = await client.GET("/sites/{site}/clusters/{cluster}/nodes/{node}/availability", {
      params: { path },
    });
    const age = Date.now() - new Date(must(data).last_updated).valueOf();
    return age > 3600e3 ? `${age} ms old` : `a node at ${must(data).site_id}, as of now`;
  },

  listNodeVersions: async () => {
    const { data } = await client.GET("/sites/{site}/clusters/{cluster}/nodes/{node}/versions", { params: { path } });
    return `${must(data).total}, the first by ${must(data).items[1]?.author}`;
  },

  getNodeHistory: async () => {
    const { data } = await client.GET("/sites/{site}/clusters/{cluster}/nodes/{node}/history", { params: { path } });
    const { total, items, version, file } = must(data);
    const step = must(items[0]?.patch?.[0]);
    const note: string = must(file?.admin_note);
    if (version !== items[0]?.version.uid || step.op !== "add" || note === "") throw new Error("another history");
    return `${total} versions, ${step.path.slice(1)} is younger than the first`;
  },

  getCommitChanges: async () => {
    const { data } = await client.GET("/versions/{commit}/changes", { params: { path: { commit } } });
    const step = must(must(data).changed[0]?.patch?.[0]);
    return `${step.op} ${step.path}`;
  },

  getNodeFacets: async () => {
    const { data } = await client.GET("/nodes/facets");
    const count = (name: string, value: string | number): number =>
      must(must(data).items.find((facet) => facet.name === name)?.values.find((v) => v.value === value)).count;
    return `compute_skylake ${count("node_type", "compute_skylake")}, 48 threads ${count("threads", 48)}`;
  },

  exportNodesCSV: async () => {
    const { data } = await client.GET("/nodes.csv", { parseAs: "text" });
    const table: string = must(data);
    return `${table.split("\n").length - 1} lines`;
  },

  getSite: async () => {
    const { error } = await client.GET("/sites/{site}", { params: { path: { site: "nowhere" } } });
    return `${must(error).status} ${must(error).detail}`;
  },

  "searchNodes without items": async () => {
    const { error, response } = await client.GET("/nodes/search", { params: { query: { limit: 0 } } });
    if (!error || !Array.isArray(error.detail)) throw new Error("no faults");
    return `${response.status} ${error.detail[0]?.type} in ${error.detail[0]?.loc.join(" ")}`;
  },
});
