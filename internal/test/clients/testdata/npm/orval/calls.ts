// Calls with the functions that orval generates.
import * as api from "./api";
import { commit, end, hours, must, path, report, start } from "../report";
import { time } from "./time";

// ok returns the data of a 200.
const ok = <R extends { status: number; data: unknown }>(response: R): Extract<R, { status: 200 }>["data"] => {
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  return response.data;
};

await report({
  listSites: async () => {
    const data = ok(await api.listSites());
    return data.items.map((site) => site.uid).join(", ");
  },

  getNode: async () => {
    const data = ok(await api.getNode(path.site, path.cluster, path.node));
    const { node_name, node_type, architecture } = data;
    const threads: number = must(architecture?.smt_size);
    return `${node_name}, ${node_type}, ${threads} threads`;
  },

  listClusterNodes: async () => {
    const limit = 2;
    let [nodes, pages] = [0, 0];
    for (let offset = 0, total = 1; offset < total; offset += limit) {
      const data = ok(await api.listClusterNodes(path.site, path.cluster, { offset, limit }));
      total = data.total;
      nodes += data.items.length;
      pages++;
    }
    return `${nodes} nodes on ${pages} pages`;
  },

  searchNodes: async () => {
    const data = ok(await api.searchNodes({ min_gpus: 4, infiniband: true, sort: "-ram,uid" }));
    const gpu = must(data.items[0]?.gpu);
    const count: number = must(gpu.gpu_count);
    const model: string = must(gpu.gpu_model);
    return `${data.total} nodes, the first with ${count} ${model}`;
  },

  "searchNodes in a window": async () => {
    const data = ok(await api.searchNodes({ start: time(start), end: time(end), fields: "uid,availability" }));
    const reserved = data.items.find((node) => node.availability === "reserved");
    return reserved ? `${reserved.uid} is reserved` : "none that is reserved";
  },

  searchNodesByFilters: async () => {
    const data = ok(await api.searchNodesByFilters({ filter_set: [{ node_types: ["arm_thunder"] }] }));
    return `${data.items.length} nodes at ${data.items[0]?.cluster_id}`;
  },

  findSlots: async () => {
    const data = ok(await api.findSlots({ count: 2, hours: 4, gpu: false }));
    const slot = must(data.items[0]);
    return `${slot.nodes.length} nodes at ${slot.site_id} for ${hours(slot.start, slot.end)} hours`;
  },

  listNodeAvailability: async () => {
    const data = ok(await api.listNodeAvailability());
    const { total, items, demonstration } = data;
    const odd = items.flatMap((node) => must(node.reservations)).find((r) => hours(r.start, r.end) < 0);
    return odd ? "a reservation that ends before it starts" : `${total} nodes${demonstration ? " of simulated data" : ""}`;
  },

  getNodeAvailability: async () => {
    const data = ok(await api.getNodeAvailability(path.site, path.cluster, path.node));
    const age = Date.now() - new Date(data.last_updated).valueOf();
    return age > 3600e3 ? `${age} ms old` : `a node at ${data.site_id}, as of now`;
  },

  listNodeVersions: async () => {
    const data = ok(await api.listNodeVersions(path.site, path.cluster, path.node));
    return `${data.total}, the first by ${data.items[1]?.author}`;
  },

  getNodeHistory: async () => {
    const { total, items, version, file } = ok(await api.getNodeHistory(path.site, path.cluster, path.node));
    const step = must(items[0]?.patch?.[0]);
    const note: string = must(file?.admin_note);
    if (version !== items[0]?.version.uid || step.op !== "add" || note === "") throw new Error("another history");
    return `${total} versions, ${step.path.slice(1)} is younger than the first`;
  },

  getCommitChanges: async () => {
    const data = ok(await api.getCommitChanges(commit));
    const step = must(data.changed[0]?.patch?.[0]);
    return `${step.op} ${step.path}`;
  },

  getNodeFacets: async () => {
    const data = ok(await api.getNodeFacets());
    const count = (name: string, value: string | number): number =>
      must(data.items.find((facet) => facet.name === name)?.values.find((v) => v.value === value)).count;
    return `compute_skylake ${count("node_type", "compute_skylake")}, 48 threads ${count("threads", 48)}`;
  },

  exportNodesCSV: async () => {
    const data = ok(await api.exportNodesCSV());
    const table: string = data;
    return `${table.split("\n").length - 1} lines`;
  },

  getSite: async () => {
    const { status, data } = await api.getSite("nowhere");
    if (status !== 404) throw new Error(`status ${status}`);
    return `${data.status} ${data.detail}`;
  },

  "searchNodes without items": async () => {
    const { status, data } = await api.searchNodes({ limit: 0 });
    if (status !== 422) throw new Error(`status ${status}`);
    return `${status} ${data.detail[0]?.type} in ${data.detail[0]?.loc.join(" ")}`;
  },
});
