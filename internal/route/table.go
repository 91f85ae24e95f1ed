package route

// The ids of the table's rows, in the order of the OpenAPI document.
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

// The fixed texts of 404 responses, which existing clients compare.
const (
	NotFound        = "Not Found"
	SiteNotFound    = "Site not found"
	ClusterNotFound = "Cluster not found"
	NodeNotFound    = "Node not found"
	FlavorNotFound  = "Flavor not found"
	VersionNotFound = "Version not found"
	SiteNotSynced   = "Availability not yet synced for this site"
)

// The fixed texts of other live responses.
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

const (
	site    = "/sites/{site}"
	cluster = site + "/clusters/{cluster}"
	node    = cluster + "/nodes/{node}"
	flavor  = site + "/flavors/{flavor}"
	changes = "/changes"
)

// otherRoutes has the rows that do not follow from a kind of resource. The detail
// of their 404 is [NotFound] unless one is given.
func otherRoutes() [count]Route {
	return [count]Route{
		Root: {
			Pattern: "/", Kind: GridKind, Name: "getTestbed", Tag: "testbed", Schema: "Testbed",
			Summary: "Get the testbed: its members, the served version and links to everything else",
		},

		Versions: {
			Pattern: "/versions", Name: "listVersions", Tag: "versions", Schema: "VersionHistory", Parent: Root,
			Summary: "Get the complete history, newest first",
		},
		VersionDetail: {
			Pattern: "/versions/{sha}", Representation: Version, Name: "getVersion", Tag: "versions", Schema: "TestbedVersion",
			NotFoundDetail: VersionNotFound,
			Summary:        "Get one version of the testbed",
		},

		Changes: {
			Pattern: changes, Representation: Collection, Name: "listChanges", Tag: "changes", Schema: "ChangeCollection",
			Parent:  Root,
			Summary: "List all commits, newest first, with the number of resources each one changed",
		},
		VersionChanges: {
			Pattern: "/versions/{commit}/changes", Name: "getCommitChanges", Tag: "changes",
			Schema: "ChangeSet", NotFoundDetail: VersionNotFound, Parent: Changes,
			Summary: "Get what a commit added, removed and changed, with patches (RFC 6902)",
		},
		ChangesAtom: {
			Pattern: changes + AtomSuffix, Representation: Feed, Name: "getChangesAtom", Tag: "changes",
			Summary: "Get the newest changes as Atom",
		},
		ChangesFeed: {
			Pattern: changes + JSONFeedSuffix, Representation: Feed, Name: "getChangesFeed", Tag: "changes", Schema: "JSONFeed",
			Summary: "Get the newest changes as JSON Feed",
		},
		SiteChangesAtom: {
			Pattern: site + changes + AtomSuffix, Representation: Feed, Name: "getSiteChangesAtom", Tag: "changes",
			NotFoundDetail: SiteNotFound,
			Summary:        "Get the newest changes at a site as Atom",
		},
		SiteChangesFeed: {
			Pattern: site + changes + JSONFeedSuffix, Representation: Feed, Name: "getSiteChangesFeed", Tag: "changes",
			Schema: "JSONFeed", NotFoundDetail: SiteNotFound,
			Summary: "Get the newest changes at a site as JSON Feed",
		},

		AllNodes: {
			Pattern: "/nodes", Representation: Collection, Name: "listNodes", Tag: "nodes", Schema: "NodeEntryCollection",
			Parent:  Root,
			Summary: "List the nodes of all sites in one document",
		},
		AllNodesLines: {
			Pattern: "/nodes.ndjson", Representation: File, Name: "exportNodesNDJSON", Tag: "nodes",
			Summary: "List the nodes of all sites, one per line (NDJSON)",
		},
		AllNodesTable: {
			Pattern: "/nodes.csv", Representation: File, Name: "exportNodesCSV", Tag: "nodes",
			Summary: "List the nodes of all sites as CSV (stable columns)",
		},
		Facets: {
			Pattern: "/nodes/facets", Name: "getNodeFacets", Tag: "nodes", Schema: "NodeFacets", Parent: AllNodes,
			Summary: "Get facets: the values of node properties, with counts",
		},
		AllFlavors: {
			Pattern: "/flavors", Representation: Collection, Name: "listFlavors", Tag: "flavors", Schema: "FlavorEntryCollection",
			Parent:  Root,
			Summary: "List the flavors of all sites in one document",
		},

		Schemas: {
			Pattern: "/schemas", Representation: Collection, Name: "listSchemas", Tag: "documentation", Schema: "SchemaCollection",
			Parent:  Root,
			Summary: "List the JSON Schemas of the reference repository's files and of the responses",
		},
		Schema: {
			Pattern: "/schemas/{schema}", Name: "getSchema", Tag: "documentation", Schema: "JSONSchema",
			Parent:  Schemas,
			Summary: "Get a JSON Schema (draft 2020-12)",
		},
		OpenAPI: {
			Pattern: "/openapi.json", Name: "getOpenAPIDocument", Tag: "documentation", Schema: "OpenAPIDocument",
			Summary: "Get this description of the API (OpenAPI 3.1)",
		},
		Docs: {
			Pattern: "/docs", Representation: HTML, Name: "getDocsPage", Tag: "documentation",
			Summary: "Try the API in a browser (Swagger UI)",
		},
		Redoc: {
			Pattern: "/redoc", Representation: HTML, Name: "getReferencePage", Tag: "documentation",
			Summary: "Read or print the API reference",
		},

		ServedVersion: {
			Pattern: "/version", Live: true, Name: "getServedVersion", Tag: "versions",
			Schema: "ServedVersion", Parent: Root,
			Summary: "Get the version that is served, and since when",
		},
		Search: {
			Pattern: "/nodes/search", Live: true, Name: "searchNodes", Tag: "availability",
			Schema: "SearchResult", Query: searchParams(), Post: true, Problems: map[int][]string{400: {OneEnd}},
			Summary: "Search the nodes of all sites by hardware and by availability, now or in a window",
		},
		Slots: {
			Pattern: "/nodes/slots", Live: true, Name: "findSlots", Tag: "availability",
			Schema: "SlotList", Query: slotParams(),
			Summary: "Find the earliest slots in which a number of nodes are free together",
		},
		NodesAvailability: {
			Pattern: "/nodes/availability", Live: true, Name: "listNodeAvailability",
			Tag: "availability", Schema: "NodeAvailabilityList", Query: nodesParams(),
			Summary: "List the reservations of nodes across sites, selected by hardware",
		},
		Availability: {
			Pattern: "/availability", Live: true, Name: "getAvailability", Tag: "availability",
			Schema: "TestbedAvailability", Parent: Root,
			Summary: "Get each site's freshness, and its number of nodes in each state",
		},
		SiteAvailability: {
			Pattern: site + "/availability", Live: true, Name: "getSiteAvailability",
			Tag: "availability", Schema: "SiteAvailability", NotFoundDetail: SiteNotSynced,
			Summary: "Get the time of a site's last sync",
		},
		ClusterAvailability: {
			Pattern: cluster + "/availability", Live: true, Name: "getClusterAvailability",
			Tag: "availability", Schema: "ClusterAvailability", NotFoundDetail: ClusterNotFound, Parent: Cluster,
			Summary: "List the reservations of all nodes of a cluster",
		},
		NodeAvailability: {
			Pattern: node + "/availability", Live: true, Name: "getNodeAvailability",
			Tag: "availability", Schema: "NodeAvailability", NotFoundDetail: NodeNotFound,
			Summary:  "List a node's reservations",
			Problems: map[int][]string{404: {NodeNotSynced, NotInBlazar}},
		},
		FlavorAvailability: {
			Pattern: flavor + "/availability", Live: true, Name: "getFlavorAvailability",
			Tag: "availability", Schema: "FlavorAvailability", NotFoundDetail: FlavorNotFound,
			Summary: "Get how many instances of a flavor can be reserved, over time",
			Query:   flavorParams(),
			Problems: map[int][]string{
				404: {FlavorsNotAsked},
				502: {FlavorsFailed},
				503: {FlavorsUnsupported},
			},
		},
	}
}
