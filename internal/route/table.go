package route

import (
	"fmt"
	"slices"
	"strconv"
)

// The ids of the table's rows, in its order.
const (
	none ID = iota
	Root
	Sites
	Site
	Clusters
	Cluster
	Nodes
	Node
	Flavors
	Flavor
	Versions
	VersionDetail
	SitesVersions
	SitesVersion
	SiteVersions
	SiteVersion
	ClustersVersions
	ClustersVersion
	ClusterVersions
	ClusterVersion
	NodeVersions
	NodeVersion
	FlavorsVersions
	FlavorsVersion
	FlavorVersions
	FlavorVersion
	Changes
	VersionChanges
	SiteHistory
	ClusterHistory
	NodeHistory
	FlavorHistory
	ChangesAtom
	ChangesFeed
	SiteChangesAtom
	SiteChangesFeed
	AllNodes
	AllNodesLines
	AllNodesTable
	Facets
	AllFlavors
	Schemas
	Schema
	OpenAPI
	Docs
	Redoc
	ServedVersion
	Search
	Slots
	NodesAvailability
	Availability
	SiteAvailability
	ClusterAvailability
	NodeAvailability
	FlavorAvailability
	count
)

// The fixed texts of 404 answers, which old clients read.
const (
	NotFound        = "Not Found"
	SiteNotFound    = "Site not found"
	ClusterNotFound = "Cluster not found"
	NodeNotFound    = "Node not found"
	FlavorNotFound  = "Flavor not found"
	VersionNotFound = "Version not found"
	SiteNotSynced   = "Availability not yet synced for this site"
)

// The fixed texts of other live answers.
const (
	OneEnd             = "Provide both start and end, or neither"
	NodeNotSynced      = "Availability not yet synced for this node"
	NotInBlazar        = "Node not registered in Blazar"
	FlavorsNotAsked    = "Flavor availability is not configured for this site"
	FlavorsUnsupported = "Flavor availability is not yet available for this site"
	FlavorsFailed      = "Error fetching flavor availability"
)

// AssetDir is the directory of styles, scripts and images. Their names change
// with their content.
const AssetDir = "assets"

// MaxLimit is the largest slice that a query may ask for.
const MaxLimit = 500

// MaxStates is the same for answers that have of each node only whether it is
// free: all nodes of most testbeds.
const MaxStates = 10000

const (
	sites    = "/sites"
	site     = sites + "/{site}"
	clusters = site + "/clusters"
	cluster  = clusters + "/{cluster}"
	nodes    = cluster + "/nodes"
	node     = nodes + "/{node}"
	flavors  = site + "/flavors"
	flavor   = flavors + "/{flavor}"
	changes  = "/changes"
)

func bound(n int64) *int64 { return &n }

// slice returns the parameters that cut a collection, with their defaults.
func slice(defaultLimit string) []Param {
	return []Param{
		{Name: "offset", Type: "integer", Description: "How many items to pass over.", Example: "0", Min: bound(0), Default: "0"},
		{Name: "limit", Type: "integer", Description: "How many items to return at the most.", Example: "10", Min: bound(1), Max: bound(MaxLimit), Default: defaultLimit},
	}
}

// SliceParams are the query parameters of every route that is Sliced.
func SliceParams() []Param { return slice("") }

// filterParams choose nodes by their hardware.
var filterParams = []Param{
	{Name: "site_id", Type: "string", Description: "Only nodes of this site.", Example: "uc"},
	{Name: "node_type", Type: "string", Description: "Only nodes of this type.", Example: "compute_skylake"},
	{Name: "arch", Type: "string", Description: "Only nodes with this `architecture.platform_type`.", Example: "x86_64"},
	{Name: "gpu", Type: "boolean", Description: "Only nodes with (or without) a GPU, by `gpu.gpu`.", Example: "true"},
	{Name: "infiniband", Type: "boolean", Description: "Only nodes with (or without) InfiniBand.", Example: "false"},
	{Name: "min_ram", Type: "integer", Description: "Only nodes with at least this much memory, in bytes, by `main_memory.ram_size`.", Example: "137438953472"},
	{Name: "q", Type: "string", Description: "Only nodes in whose uid, name, type or models (of the chassis, the processor, GPUs and FPGAs) each of these words is found, in any case.", Example: "a100 dell"},
	{Name: "gpu_model", Type: "string", Description: "Only nodes in whose `gpu.gpu_model` this text is found, in any case.", Example: "A100"},
	{Name: "min_gpus", Type: "integer", Description: "Only nodes with at least so many GPUs, by `gpu.gpu_count`, else one where `gpu.gpu` is true.", Example: "4", Min: bound(0)},
	{Name: "min_cores", Type: "integer", Description: "Only nodes with at least so many threads of processors, by `architecture.smt_size`.", Example: "64", Min: bound(0)},
	{Name: "storage_media", Type: "string", Description: "Only nodes with a storage device of this `media_type`, in any case: `SSD`, `Rotational`, `HDD`.", Example: "SSD"},
	{Name: "min_storage", Type: "integer", Description: "Only nodes with at least so many bytes on all storage devices, or, with `storage_media`, on those of that kind.", Example: "1000000000000", Min: bound(0)},
	{Name: "rack", Type: "string", Description: "Only nodes in this rack, by `placement.rack`.", Example: "12"},
	{Name: "leased_by", Type: "string", Description: "Only nodes that are leased as complete machines (`node`), or only hosts of virtual machines, which are leased by flavor (`flavor`).", Example: "node", Enum: []string{"node", "flavor"}},
}

var searchParams = slices.Concat(filterParams, []Param{
	{Name: "start", Type: "date-time", Description: "Start of the window in which the nodes must be free; needs `end`.", Example: "2099-01-01T00:00:00Z"},
	{Name: "end", Type: "date-time", Description: "End of the window; needs `start`.", Example: "2099-01-02T00:00:00Z"},
	{Name: "availability", Type: "string", Description: "Only nodes in this state.", Example: "available", Enum: []string{"available", "reserved", "maintenance", "unknown"}},
	{Name: "sort", Type: "string", Description: "What to order by, with `-` before it for the other direction: `uid`, `site_id`, `cluster_id`, `node_name`, `node_type`, `ram`, `cores`, `gpus`, `storage`, `availability`, `availability_until` or `free_from`; several with commas between them. `availability_until` takes reservations that overlap or follow at once as one; `free_from` has nodes that are free now first, then those that will be soonest. What is equal stays ordered by site, cluster and uid.", Example: "-ram,node_type"},
	{Name: "fields", Type: "string", Description: "The members that items have, with commas between them; all by default.", Example: "uid,node_name,availability"},
}, slice(strconv.Itoa(MaxLimit)))

// slotParams ask when nodes are free together.
var slotParams = slices.Concat(filterParams, []Param{
	{Name: "count", Type: "integer", Description: "How many nodes are needed.", Example: "4", Min: bound(1), Max: bound(10000), Default: "1"},
	{Name: "hours", Type: "number", Description: "For how many hours.", Example: "12", Min: bound(0), Max: bound(24 * 366), Default: "1"},
	{Name: "after", Type: "date-time", Description: "When a slot may start at the earliest; now by default.", Example: "2099-01-01T00:00:00Z"},
	{Name: "before", Type: "date-time", Description: "When a slot must have ended; 30 days after now by default.", Example: "2099-01-31T00:00:00Z"},
	{Name: "same_site", Type: "boolean", Description: "Whether all nodes of a slot must be of one site.", Example: "true", Default: "false"},
	{Name: "limit", Type: "integer", Description: "How many slots to return at the most.", Example: "10", Min: bound(1), Max: bound(MaxLimit), Default: "10"},
})

// whenParams ask when nodes are free.
var whenParams = slices.Concat(filterParams, []Param{
	{Name: "cluster_id", Type: "string", Description: "Only nodes of clusters of this name.", Example: "chameleon"},
	{Name: "node_id", Type: "string", Description: "Only the node of this uid.", Example: "04d91a7a-db07-4d15-8958-10127b145ac3"},
	{Name: "reservations", Type: "boolean", Description: fmt.Sprintf("Whether items have their reservations. Without, `limit` may be up to %d; with them it is %d at the most.", MaxStates, MaxLimit), Example: "false", Default: "true"},
	{Name: "offset", Type: "integer", Description: "How many items to pass over.", Example: "0", Min: bound(0), Default: "0"},
	{Name: "limit", Type: "integer", Description: "How many items to return at the most.", Example: "10", Min: bound(1), Max: bound(MaxStates), Default: strconv.Itoa(MaxLimit)},
})

var table = [count]Route{
	Root: {Pattern: "/", Form: Document, Name: "root", Tag: "grid", Schema: "Grid", Missing: NotFound,
		Summary: "The testbed: its own members, the version served and where to go from here"},
	Sites: {Pattern: sites, Form: Collection, Name: "sites", Tag: "sites", Schema: "SiteCollection", Missing: NotFound,
		Parent: Root, Versions: SitesVersions, Detail: SitesVersion, Summary: "All sites"},
	Site: {Pattern: site, Form: Item, Name: "site", Tag: "sites", Schema: "Site", Missing: SiteNotFound,
		Parent: Root, Versions: SiteVersions, Detail: SiteVersion, History: SiteHistory, Summary: "One site"},
	Clusters: {Pattern: clusters, Form: Collection, Name: "clusters", Tag: "clusters", Schema: "ClusterCollection", Missing: SiteNotFound,
		Parent: Site, Versions: ClustersVersions, Detail: ClustersVersion, Summary: "The clusters of a site"},
	Cluster: {Pattern: cluster, Form: Item, Name: "cluster", Tag: "clusters", Schema: "Cluster", Missing: ClusterNotFound,
		Parent: Site, Versions: ClusterVersions, Detail: ClusterVersion, History: ClusterHistory, Summary: "One cluster"},
	Nodes: {Pattern: nodes, Form: Collection, Name: "nodes", Tag: "nodes", Schema: "NodeCollection", Missing: ClusterNotFound,
		Parent: Cluster, Summary: "The nodes of a cluster"},
	Node: {Pattern: node, Form: Item, Name: "node", Tag: "nodes", Schema: "Node", Missing: NodeNotFound,
		Parent: Cluster, Versions: NodeVersions, Detail: NodeVersion, History: NodeHistory, Summary: "One node"},
	Flavors: {Pattern: flavors, Form: Collection, Name: "flavors", Tag: "flavors", Schema: "FlavorCollection", Missing: SiteNotFound,
		Parent: Site, Versions: FlavorsVersions, Detail: FlavorsVersion, Summary: "The flavors of a site"},
	Flavor: {Pattern: flavor, Form: Item, Name: "flavor", Tag: "flavors", Schema: "Flavor", Missing: FlavorNotFound,
		Parent: Site, Versions: FlavorVersions, Detail: FlavorVersion, History: FlavorHistory, Summary: "One flavor of virtual machines"},

	Versions: {Pattern: "/versions", Form: Document, Name: "versions", Tag: "versions", Schema: "History", Missing: NotFound,
		Parent: Root, Summary: "The whole history, newest first"},
	VersionDetail: {Pattern: "/versions/{sha}", Form: Version, Name: "version-detail", Tag: "versions", Schema: "Version", Missing: VersionNotFound,
		Summary: "One version of the whole testbed"},
	SitesVersions:    versionList(sites, "sites", "all sites", NotFound, Root),
	SitesVersion:     version(sites, "sites", "all sites", Sites),
	SiteVersions:     versionList(site, "site", "a site", SiteNotFound, Sites),
	SiteVersion:      version(site, "site", "a site", Site),
	ClustersVersions: versionList(clusters, "clusters", "a site's clusters", SiteNotFound, Site),
	ClustersVersion:  version(clusters, "clusters", "a site's clusters", Clusters),
	ClusterVersions:  versionList(cluster, "cluster", "a cluster", ClusterNotFound, Cluster),
	ClusterVersion:   version(cluster, "cluster", "a cluster", Cluster),
	NodeVersions:     versionList(node, "node", "a node", NodeNotFound, Node),
	NodeVersion:      version(node, "node", "a node", Node),
	FlavorsVersions:  versionList(flavors, "flavors", "a site's flavors", SiteNotFound, Site),
	FlavorsVersion:   version(flavors, "flavors", "a site's flavors", Flavors),
	FlavorVersions:   versionList(flavor, "flavor", "a flavor", FlavorNotFound, Flavor),
	FlavorVersion:    version(flavor, "flavor", "a flavor", Flavor),

	Changes: {Pattern: changes, Form: Collection, Name: "changes", Tag: "changes", Schema: "ChangeCollection", Missing: NotFound,
		Parent: Root, Summary: "All commits, newest first, with how much each one changed"},
	VersionChanges: {Pattern: "/versions/{commit}/changes", Form: Document, Name: "version-changes", Tag: "changes", Schema: "ChangeSet", Missing: VersionNotFound,
		Parent: Changes, Summary: "What a commit added, removed and changed, with patches (RFC 6902)"},
	SiteHistory:    history(site, "site", "a site", "FileHistory", SiteNotFound, Site),
	ClusterHistory: history(cluster, "cluster", "a cluster", "FileHistory", ClusterNotFound, Cluster),
	NodeHistory:    history(node, "node", "a node", "ItemHistory", NodeNotFound, Node),
	FlavorHistory:  history(flavor, "flavor", "a flavor", "ItemHistory", FlavorNotFound, Flavor),
	ChangesAtom: {Pattern: changes + AtomEnding, Form: Feed, Name: "changes-atom", Tag: "changes", Missing: NotFound,
		Summary: "The newest changes, as Atom"},
	ChangesFeed: {Pattern: changes + JSONFeedEnding, Form: Feed, Name: "changes-feed", Tag: "changes", Schema: "JSONFeed", Missing: NotFound,
		Summary: "The newest changes, as JSON Feed"},
	SiteChangesAtom: {Pattern: site + changes + AtomEnding, Form: Feed, Name: "site-changes-atom", Tag: "changes", Missing: SiteNotFound,
		Summary: "The newest changes at a site, as Atom"},
	SiteChangesFeed: {Pattern: site + changes + JSONFeedEnding, Form: Feed, Name: "site-changes-feed", Tag: "changes", Schema: "JSONFeed", Missing: SiteNotFound,
		Summary: "The newest changes at a site, as JSON Feed"},

	AllNodes: {Pattern: "/nodes", Form: Collection, Name: "all-nodes", Tag: "nodes", Schema: "AllNodeCollection", Missing: NotFound,
		Parent: Root, Summary: "The nodes of all sites, in one document"},

	AllNodesLines: {Pattern: "/nodes.ndjson", Form: Text, Name: "all-nodes-lines", Tag: "nodes", Missing: NotFound,
		Summary: "The nodes of all sites, one on each line"},
	AllNodesTable: {Pattern: "/nodes.csv", Form: Text, Name: "all-nodes-table", Tag: "nodes", Missing: NotFound,
		Summary: "The nodes of all sites, as a table with columns that stay"},
	Facets: {Pattern: "/nodes/facets", Form: Document, Name: "facets", Tag: "nodes", Schema: "Facets", Missing: NotFound,
		Parent: AllNodes, Summary: "What nodes can be told apart by, and how many there are of each kind"},
	AllFlavors: {Pattern: "/flavors", Form: Collection, Name: "all-flavors", Tag: "flavors", Schema: "AllFlavorCollection", Missing: NotFound,
		Parent: Root, Summary: "The flavors of all sites, in one document"},
	Schemas: {Pattern: "/schemas", Form: Collection, Name: "schemas", Tag: "documentation", Schema: "SchemaCollection", Missing: NotFound,
		Parent: Root, Summary: "The JSON Schemas of the reference repository's files and of the answers"},
	Schema: {Pattern: "/schemas/{schema}", Form: Document, Name: "schema", Tag: "documentation", Schema: "JSONSchema", Missing: NotFound, Parent: Schemas,
		Summary: "A JSON Schema (draft 2020-12)"},

	OpenAPI: {Pattern: "/openapi.json", Form: Document, Name: "openapi", Tag: "documentation", Schema: "OpenAPI", Missing: NotFound,
		Summary: "This description of the API (OpenAPI 3.1)"},
	Docs: {Pattern: "/docs", Form: HTML, Name: "docs", Tag: "documentation", Missing: NotFound,
		Summary: "The API, to try out in a browser (Swagger UI)"},
	Redoc: {Pattern: "/redoc", Form: HTML, Name: "redoc", Tag: "documentation", Missing: NotFound,
		Summary: "The API, to read and to print"},

	ServedVersion: {Pattern: "/version", Kind: Live, Form: Document, Name: "served-version", Tag: "versions", Schema: "ServedVersion", Missing: NotFound,
		Parent: Root, Summary: "The version that is served, and since when"},
	Search: {Pattern: "/nodes/search", Kind: Live, Form: Document, Name: "search", Tag: "availability", Schema: "SearchResult", Missing: NotFound,
		Summary: "Nodes of all sites by hardware, with who is free now or in a window", Query: searchParams, Post: true},
	Slots: {Pattern: "/nodes/slots", Kind: Live, Form: Document, Name: "slots", Tag: "availability", Schema: "Slots", Missing: NotFound,
		Summary: "The earliest times at which a number of nodes are free together", Query: slotParams},
	NodesAvailability: {Pattern: "/nodes/availability", Kind: Live, Form: Document, Name: "nodes-availability", Tag: "availability", Schema: "NodesAvailability", Missing: NotFound,
		Summary: "The reservations of nodes of all sites, chosen by hardware", Query: whenParams},
	Availability: {Pattern: "/availability", Kind: Live, Form: Document, Name: "availability", Tag: "availability", Schema: "Availability", Missing: NotFound,
		Parent: Root, Summary: "How fresh the data of each site is, and how many nodes are in which state"},
	SiteAvailability: {Pattern: site + "/availability", Kind: Live, Form: Document, Name: "site-availability", Tag: "availability", Schema: "SiteAvailability", Missing: SiteNotSynced,
		Summary: "When a site was last asked for its reservations"},
	ClusterAvailability: {Pattern: cluster + "/availability", Kind: Live, Form: Document, Name: "cluster-availability", Tag: "availability", Schema: "ClusterAvailability", Missing: ClusterNotFound,
		Parent: Cluster, Summary: "The reservations of all nodes of a cluster"},
	NodeAvailability: {Pattern: node + "/availability", Kind: Live, Form: Document, Name: "node-availability", Tag: "availability", Schema: "NodeAvailability", Missing: NodeNotFound,
		Summary: "A node's reservations"},
	FlavorAvailability: {Pattern: flavor + "/availability", Kind: Live, Form: Document, Name: "flavor-availability", Tag: "availability", Schema: "FlavorAvailability", Missing: FlavorNotFound,
		Summary: "How many instances of a flavor can be reserved, over time",
		Query: []Param{
			{Name: "start_date", Type: "date-time", Description: "Start of the window; now by default.", Example: "2099-01-01T00:00:00Z"},
			{Name: "end_date", Type: "date-time", Description: "End of the window; 30 days after now by default.", Example: "2099-01-31T00:00:00Z"},
		}},
}

func versionList(pattern, name, of, missing string, parent ID) Route {
	return Route{Pattern: pattern + "/versions", Form: VersionList, Name: name + "-versions", Tag: "versions", Schema: "VersionCollection",
		Missing: missing, Parent: parent, Summary: "The versions that touched " + of + ", newest first"}
}

func version(pattern, name, of string, parent ID) Route {
	return Route{Pattern: pattern + "/versions/{sha}", Form: Version, Name: name + "-version", Tag: "versions", Schema: "LinkedVersion",
		Missing: VersionNotFound, Parent: parent, Summary: "One version of " + of}
}

func history(pattern, name, of, schema, missing string, parent ID) Route {
	return Route{Pattern: pattern + "/history", Form: Collection, Name: name + "-history", Tag: "changes", Schema: schema,
		Missing: missing, Parent: parent, Summary: "What each version changed in the file of " + of + ", newest first"}
}
