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
	site    = "/sites/{site}"
	cluster = site + "/clusters/{cluster}"
	node    = cluster + "/nodes/{node}"
	flavor  = site + "/flavors/{flavor}"
	changes = "/changes"
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

// otherRoutes has the rows that do not follow from a kind of resource. Where no
// detail of a 404 is given, it is [NotFound].
func otherRoutes() [count]Route {
	return [count]Route{
		Root: {
			Pattern: "/", Kind: GridKind, Representation: Document, Name: "root", Tag: "grid", Schema: "Grid",
			Summary: "Get the testbed: its own members, the version served and where to go from here",
		},

		Versions: {
			Pattern: "/versions", Representation: Document, Name: "versions", Tag: "versions", Schema: "History", Parent: Root,
			Summary: "Get the complete history, newest first",
		},
		VersionDetail: {
			Pattern: "/versions/{sha}", Representation: Version, Name: "version-detail", Tag: "versions", Schema: "Version",
			NotFoundDetail: VersionNotFound,
			Summary:        "Get one version of the testbed",
		},

		Changes: {
			Pattern: changes, Representation: Collection, Name: "changes", Tag: "changes", Schema: "ChangeCollection",
			Parent:  Root,
			Summary: "List all commits, newest first, with how much each one changed",
		},
		VersionChanges: {
			Pattern: "/versions/{commit}/changes", Representation: Document, Name: "version-changes", Tag: "changes",
			Schema: "ChangeSet", NotFoundDetail: VersionNotFound, Parent: Changes,
			Summary: "Get what a commit added, removed and changed, with patches (RFC 6902)",
		},
		ChangesAtom: {
			Pattern: changes + AtomSuffix, Representation: Feed, Name: "changes-atom", Tag: "changes",
			Summary: "Get the newest changes as Atom",
		},
		ChangesFeed: {
			Pattern: changes + JSONFeedSuffix, Representation: Feed, Name: "changes-feed", Tag: "changes", Schema: "JSONFeed",
			Summary: "Get the newest changes as JSON Feed",
		},
		SiteChangesAtom: {
			Pattern: site + changes + AtomSuffix, Representation: Feed, Name: "site-changes-atom", Tag: "changes",
			NotFoundDetail: SiteNotFound,
			Summary:        "Get the newest changes at a site as Atom",
		},
		SiteChangesFeed: {
			Pattern: site + changes + JSONFeedSuffix, Representation: Feed, Name: "site-changes-feed", Tag: "changes",
			Schema: "JSONFeed", NotFoundDetail: SiteNotFound,
			Summary: "Get the newest changes at a site as JSON Feed",
		},

		AllNodes: {
			Pattern: "/nodes", Representation: Collection, Name: "all-nodes", Tag: "nodes", Schema: "AllNodeCollection",
			Parent:  Root,
			Summary: "List the nodes of all sites in one document",
		},
		AllNodesLines: {
			Pattern: "/nodes.ndjson", Representation: File, Name: "all-nodes-lines", Tag: "nodes",
			Summary: "List the nodes of all sites, one on each line",
		},
		AllNodesTable: {
			Pattern: "/nodes.csv", Representation: File, Name: "all-nodes-table", Tag: "nodes",
			Summary: "List the nodes of all sites as CSV (stable columns)",
		},
		Facets: {
			Pattern: "/nodes/facets", Representation: Document, Name: "facets", Tag: "nodes", Schema: "Facets", Parent: AllNodes,
			Summary: "Get facets: the values of node properties, with counts",
		},
		AllFlavors: {
			Pattern: "/flavors", Representation: Collection, Name: "all-flavors", Tag: "flavors", Schema: "AllFlavorCollection",
			Parent:  Root,
			Summary: "List the flavors of all sites in one document",
		},

		Schemas: {
			Pattern: "/schemas", Representation: Collection, Name: "schemas", Tag: "documentation", Schema: "SchemaCollection",
			Parent:  Root,
			Summary: "List the JSON Schemas of the reference repository's files and of the answers",
		},
		Schema: {
			Pattern: "/schemas/{schema}", Representation: Document, Name: "schema", Tag: "documentation", Schema: "JSONSchema",
			Parent:  Schemas,
			Summary: "Get a JSON Schema (draft 2020-12)",
		},
		OpenAPI: {
			Pattern: "/openapi.json", Representation: Document, Name: "openapi", Tag: "documentation", Schema: "OpenAPI",
			Summary: "Get this description of the API (OpenAPI 3.1)",
		},
		Docs: {
			Pattern: "/docs", Representation: HTML, Name: "docs", Tag: "documentation",
			Summary: "Try the API in a browser (Swagger UI)",
		},
		Redoc: {
			Pattern: "/redoc", Representation: HTML, Name: "redoc", Tag: "documentation",
			Summary: "Read or print the API's description",
		},

		ServedVersion: {
			Pattern: "/version", Live: true, Representation: Document, Name: "served-version", Tag: "versions",
			Schema: "ServedVersion", Parent: Root,
			Summary: "Get the version that is served, and since when",
		},
		Search: {
			Pattern: "/nodes/search", Live: true, Representation: Document, Name: "search", Tag: "availability",
			Schema: "SearchResult", Query: searchParams, Post: true,
			Summary: "Search the nodes of all sites by hardware and by availability, now or in a window",
		},
		Slots: {
			Pattern: "/nodes/slots", Live: true, Representation: Document, Name: "slots", Tag: "availability",
			Schema: "Slots", Query: slotParams,
			Summary: "Find the earliest slots in which a number of nodes are free together",
		},
		NodesAvailability: {
			Pattern: "/nodes/availability", Live: true, Representation: Document, Name: "nodes-availability",
			Tag: "availability", Schema: "NodesAvailability", Query: whenParams,
			Summary: "List the reservations of nodes of all sites, selected by hardware",
		},
		Availability: {
			Pattern: "/availability", Live: true, Representation: Document, Name: "availability", Tag: "availability",
			Schema: "Availability", Parent: Root,
			Summary: "Get how fresh each site's data is, and how many nodes are in which state",
		},
		SiteAvailability: {
			Pattern: site + "/availability", Live: true, Representation: Document, Name: "site-availability",
			Tag: "availability", Schema: "SiteAvailability", NotFoundDetail: SiteNotSynced,
			Summary: "Get when a site was last asked for its reservations",
		},
		ClusterAvailability: {
			Pattern: cluster + "/availability", Live: true, Representation: Document, Name: "cluster-availability",
			Tag: "availability", Schema: "ClusterAvailability", NotFoundDetail: ClusterNotFound, Parent: Cluster,
			Summary: "List the reservations of all nodes of a cluster",
		},
		NodeAvailability: {
			Pattern: node + "/availability", Live: true, Representation: Document, Name: "node-availability",
			Tag: "availability", Schema: "NodeAvailability", NotFoundDetail: NodeNotFound,
			Summary: "List a node's reservations",
		},
		FlavorAvailability: {
			Pattern: flavor + "/availability", Live: true, Representation: Document, Name: "flavor-availability",
			Tag: "availability", Schema: "FlavorAvailability", NotFoundDetail: FlavorNotFound,
			Summary: "Get how many instances of a flavor can be reserved, over time",
			Query: []Param{
				{Name: "start_date", Type: "date-time", Description: "Start of the window; now by default.", Example: "2099-01-01T00:00:00Z"},
				{Name: "end_date", Type: "date-time", Description: "End of the window; 30 days after now by default.", Example: "2099-01-31T00:00:00Z"},
			},
		},
	}
}
