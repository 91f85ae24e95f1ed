package route

import "fmt"

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
	NodeChangesAtom
	NodeChangesFeed
	TypeChangesAtom
	TypeChangesFeed
	AllNodes
	AllNodesLines
	AllNodesTable
	Facets
	AllFlavors
	NodeTypes
	NodeType
	Schemas
	Schema
	OpenAPI
	Docs
	Reference
	ServedVersion
	Search
	SearchTable
	SearchLines
	SearchMarkdown
	Slots
	SlotsAtom
	SlotsFeed
	SlotsCalendar
	NodesAvailability
	NodesCalendar
	Badge
	Capacity
	CapacityAtom
	CapacityFeed
	CapacityCalendar
	Availability
	SiteAvailability
	ClusterAvailability
	NodeAvailability
	FlavorsAvailability
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
			Description: "The entry point of the API. It has the members of the testbed's own file, the commit that is " +
				"served and its time. All other resources can be reached by following links from here, and its " +
				"`Link` header points to the documentation. A browser, whose `Accept` has HTML with full weight and no " +
				"JSON, gets the first page of the hardware browser instead.",
		},

		Versions: {
			Pattern: "/versions", Name: "listVersions", Tag: "versions", Schema: "VersionHistory", Parent: Root,
			Summary: "Get the complete history, newest first",
			Description: "All commits of the history of the served commit, newest first, in the order of `git log`. The " +
				"list is never sliced: `offset` and `limit` are ignored.",
		},
		VersionDetail: {
			Pattern: "/versions/{sha}", Representation: Version, Name: "getVersion", Tag: "versions", Schema: "TestbedVersion",
			NotFoundDetail: VersionNotFound,
			Summary:        "Get one version of the testbed",
			Description: "One commit, with its complete message. `HEAD` and an unambiguous prefix of a hash redirect to " +
				"the full hash. The body of a full hash never changes.",
		},

		Changes: {
			Pattern: changes, Representation: Collection, Name: "listChanges", Tag: "changes", Schema: "ChangeCollection",
			Parent:  Root,
			Summary: "List all commits, newest first, with the number of resources each one changed",
			Description: "All commits of the history, newest first, each with the number of resources that it added, " +
				"removed and changed relative to its first parent. Follow a commit's link `self` for what " +
				"exactly it changed. `cut` marks the oldest commit of a shallow clone, of which that is not known.",
		},
		VersionChanges: {
			Pattern: "/versions/{commit}/changes", Name: "getCommitChanges", Tag: "changes",
			Schema: "ChangeSet", NotFoundDetail: VersionNotFound, Parent: Changes,
			Summary: "Get what a commit added, removed and changed, with patches (RFC 6902)",
			Description: "The resources that a commit added, removed and changed relative to its first parent. A changed " +
				"resource has a patch from the older file to the newer one, and the older values that the patch " +
				"replaces. The body never changes, so it can be cached for good.",
		},
		ChangesAtom: {
			Pattern: changes + AtomSuffix, Representation: Feed, Name: "getChangesAtom", Tag: "changes",
			Summary: "Get the newest changes as Atom",
			Description: "The newest 50 commits that changed a resource, without merges, as an Atom feed (RFC 4287). " +
				"Subscribe to it in a feed reader, or poll it with `If-None-Match`.",
		},
		ChangesFeed: {
			Pattern: changes + JSONFeedSuffix, Representation: Feed, Name: "getChangesFeed", Tag: "changes", Schema: "JSONFeed",
			Summary: "Get the newest changes as JSON Feed",
			Description: "The newest 50 commits that changed a resource, without merges, as JSON Feed 1.1. The entries " +
				"and their ids are those of the Atom feed.",
		},
		SiteChangesAtom: {
			Pattern: site + changes + AtomSuffix, Representation: Feed, Name: "getSiteChangesAtom", Tag: "changes",
			NotFoundDetail: SiteNotFound,
			Summary:        "Get the newest changes at a site as Atom",
			Description: "The newest 50 commits that changed a site or something in it, without merges, as an Atom feed " +
				"(RFC 4287). Subscribe to it in a feed reader, or poll it with `If-None-Match`.",
		},
		SiteChangesFeed: {
			Pattern: site + changes + JSONFeedSuffix, Representation: Feed, Name: "getSiteChangesFeed", Tag: "changes",
			Schema: "JSONFeed", NotFoundDetail: SiteNotFound,
			Summary: "Get the newest changes at a site as JSON Feed",
			Description: "The newest 50 commits that changed a site or something in it, without merges, as JSON Feed 1.1. " +
				"The entries and their ids are those of the site's Atom feed.",
		},
		NodeChangesAtom: {
			Pattern: node + changes + AtomSuffix, Representation: Feed, Name: "getNodeChangesAtom", Tag: "changes",
			NotFoundDetail: NodeNotFound,
			Summary:        "Get the newest changes of a node as Atom",
			Description: "The newest 50 changes of a node, through its moves, as an Atom feed (RFC 4287). The feed of a node " +
				"that moved or was replaced stays. It changes only with the node.",
		},
		NodeChangesFeed: {
			Pattern: node + changes + JSONFeedSuffix, Representation: Feed, Name: "getNodeChangesFeed", Tag: "changes",
			Schema: "JSONFeed", NotFoundDetail: NodeNotFound,
			Summary: "Get the newest changes of a node as JSON Feed",
			Description: "The newest 50 changes of a node, through its moves, as JSON Feed 1.1. The entries and their ids " +
				"are those of the node's Atom feed.",
		},
		TypeChangesAtom: {
			Pattern: string(HardwareType) + changes + AtomSuffix, Representation: Feed, Name: "getTypeChangesAtom",
			Tag:     "changes",
			Summary: "Get the newest changes of the nodes of a type as Atom",
			Description: "The newest 50 commits that changed, added or removed nodes of a type, without merges, as an Atom " +
				"feed (RFC 4287). Subscribe to it in a feed reader, or poll it with `If-None-Match`.",
		},
		TypeChangesFeed: {
			Pattern: string(HardwareType) + changes + JSONFeedSuffix, Representation: Feed, Name: "getTypeChangesFeed",
			Tag: "changes", Schema: "JSONFeed",
			Summary: "Get the newest changes of the nodes of a type as JSON Feed",
			Description: "The newest 50 commits that changed, added or removed nodes of a type, without merges, as JSON Feed " +
				"1.1. The entries and their ids are those of the type's Atom feed.",
		},

		AllNodes: {
			Pattern: "/nodes", Representation: Collection, Name: "listNodes", Tag: "nodes", Schema: "NodeEntryCollection",
			Parent:  Root,
			Summary: "List the nodes of all sites in one document",
			Description: "The nodes of all sites with their complete hardware, ordered by the uids of site, cluster and " +
				"node. One request replaces a walk through all sites and clusters. `offset` and `limit` return a " +
				"slice of it.",
		},
		AllNodesLines: {
			Pattern: "/nodes.ndjson", Representation: File, Name: "exportNodesNDJSON", Tag: "nodes",
			Summary: "List the nodes of all sites, one per line (NDJSON)",
			Description: "The same nodes as in `/nodes`, each as one JSON object on a line of its own (NDJSON). Suits " +
				"programs that read one node at a time, such as `jq` or a database import.",
		},
		AllNodesTable: {
			Pattern: "/nodes.csv", Representation: File, Name: "exportNodesCSV", Tag: "nodes",
			Summary: "List the nodes of all sites as CSV (stable columns)",
			Description: "The same nodes as in `/nodes`, as CSV with a header (RFC 4180) for spreadsheets and data " +
				"frames. Columns keep their names and their order; new ones are added at the end. A cell that a " +
				"spreadsheet would evaluate as a formula has `'` before it.",
		},
		Facets: {
			Pattern: "/nodes/facets", Name: "getNodeFacets", Tag: "nodes", Schema: "NodeFacets", Parent: AllNodes,
			Summary: "Get facets: the values of node properties, with counts",
			Description: "The distinct values of each property of nodes, each with the number of nodes that have it. A " +
				"facet has the name of the corresponding search parameter, if there is one, so the values can be " +
				"offered as filters.",
		},
		AllFlavors: {
			Pattern: "/flavors", Representation: Collection, Name: "listFlavors", Tag: "flavors", Schema: "FlavorEntryCollection",
			Parent:  Root,
			Summary: "List the flavors of all sites in one document",
			Description: "The flavors of all sites, ordered by the uids of site and flavor. One request replaces a walk " +
				"through all sites. `offset` and `limit` return a slice of it.",
		},

		NodeTypes: {
			Pattern: "/node_types", Representation: Collection, Name: "listNodeTypes", Tag: "nodes",
			Schema: "NodeTypeCollection", Parent: Root,
			Summary: "List the types of nodes, with the number of nodes at each site",
			Description: "The types of nodes, ordered by name: what the repository says of each, how many nodes it has, and " +
				"at which sites. `offset` and `limit` return a slice of it.",
		},
		NodeType: {
			Pattern: "/node_types/{type}", Name: "getNodeType", Tag: "nodes", Schema: "NodeType", Parent: NodeTypes,
			Summary: "Get a type of nodes: its most common hardware, and which nodes differ in what",
			Description: "What most nodes of a type have in common. Variants are nodes with identical hardware, each with what " +
				"it has that the most common one has not.",
		},

		Schemas: {
			Pattern: "/schemas", Representation: Collection, Name: "listSchemas", Tag: "documentation", Schema: "SchemaCollection",
			Parent:  Root,
			Summary: "List the JSON Schemas of the reference repository's files and of the responses",
			Description: "The JSON Schemas of the files of the reference repository (`file`), by which `refgen check` " +
				"validates them, and of the responses of this API (`answer`). Each entry links to its schema.",
		},
		Schema: {
			Pattern: "/schemas/{schema}", Name: "getSchema", Tag: "documentation", Schema: "JSONSchema",
			Parent:  Schemas,
			Summary: "Get a JSON Schema (draft 2020-12)",
			Description: "One JSON Schema, draft 2020-12, without references to other files. Schemas of files are as " +
				"strict as `refgen check`; those of responses allow later additions.",
		},
		OpenAPI: {
			Pattern: "/openapi.json", Name: "getOpenAPIDocument", Tag: "documentation", Schema: "OpenAPIDocument",
			Summary: "Get this description of the API (OpenAPI 3.1)",
			Description: "This document: all operations, parameters, responses and schemas, as OpenAPI 3.1. Clients can " +
				"be generated from it; `info.version` rises with every change, by the rules of semantic " +
				"versioning.",
		},
		Docs: {
			Pattern: "/docs", Representation: HTML, Name: "getDocsPage", Tag: "documentation",
			Summary: "Try the API in a browser (Swagger UI)",
			Description: "A page of HTML that shows this document as Swagger UI. Each operation can be executed there, " +
				"without an account.",
		},
		Reference: {
			Pattern: "/reference", Representation: HTML, Name: "getReferencePage", Tag: "documentation",
			Summary: "Read or print the API reference",
			Description: "A page of HTML that has all operations and schemas to read, to search and to print. It needs no " +
				"scripts.",
		},

		ServedVersion: {
			Pattern: "/version", Live: true, Name: "getServedVersion", Tag: "versions",
			Schema: "ServedVersion", Parent: Root,
			Summary: "Get the version that is served, and since when",
			Description: "The commit that is served, its time, when this release went live and the program that generated " +
				"it. Poll it to notice a new release. It is computed live, by availapi.",
		},
		Search: {
			Pattern: "/nodes/search", Live: true, Name: "searchNodes", Tag: "availability",
			Schema: "SearchResult", Query: searchParams(), Post: true, Problems: map[int][]string{400: {OneEnd}},
			Summary: "Search the nodes of all sites by hardware and by availability, now or in a window",
			Description: "Finds nodes of all sites by their hardware and by whether they are free now, or in a window " +
				"from `start` to `end`. A node must match every parameter. Without parameters all nodes are " +
				"found, `limit` at a time; `fields` reduces what is returned of each.",
		},
		SearchTable: {
			Pattern: "/nodes/search.csv", Live: true, Representation: File, Name: "searchNodesCSV", Tag: "availability",
			Query: tableParams(), Problems: map[int][]string{400: {OneEnd}},
			Summary: "Search nodes, with a table of them as CSV",
			Description: "Finds the same nodes as `/nodes/search`, in the same order, as CSV with a header (RFC 4180). " +
				"Columns are those of `/nodes.csv`, with the same cells, and then `availability` and " +
				"`availability_until`; `columns` selects some.",
		},
		SearchLines: {
			Pattern: "/nodes/search.ndjson", Live: true, Representation: File, Name: "searchNodesNDJSON", Tag: "availability",
			Query: tableParams(), Problems: map[int][]string{400: {OneEnd}},
			Summary: "Search nodes, with one per line (NDJSON)",
			Description: "Finds the same nodes as `/nodes/search`, in the same order, each as one JSON object on a line of " +
				"its own (NDJSON). With `columns` the objects have these members, of which null means that a node's " +
				"file does not state it.",
		},
		SearchMarkdown: {
			Pattern: "/nodes/search.md", Live: true, Representation: File, Name: "searchNodesMarkdown", Tag: "availability",
			Query: tableParams(), Problems: map[int][]string{400: {OneEnd}},
			Summary: "Search nodes, with a table of them as Markdown",
			Description: "Finds the same nodes as `/nodes/search`, in the same order, as a table in Markdown, for issues and " +
				"papers. Cells are for people: `192 GiB`. `columns` selects others than those of the hardware browser.",
		},
		Slots: {
			Pattern: "/nodes/slots", Live: true, Name: "findSlots", Tag: "availability",
			Schema: "SlotList", Query: slotParams(),
			Summary: "Find the earliest slots in which a number of nodes are free together",
			Description: "Finds the earliest time slots in which `count` nodes that match the filters are free together " +
				"for `hours` hours. Slots lie between `after` and `before`, which are now and 30 days from now " +
				"by default. A mixture has up to five parts: `2.node_type`, `2.count` and so on are filters, number and " +
				"unit of the second part. Hosts of virtual machines are in no slot, since they are leased by flavor.",
		},
		NodesAvailability: {
			Pattern: "/nodes/availability", Live: true, Name: "listNodeAvailability",
			Tag: "availability", Schema: "NodeAvailabilityList", Query: nodesParams(),
			Summary: "List the reservations of nodes across sites, selected by hardware",
			Description: "The state and the reservations of nodes across sites, selected by hardware, site, cluster or " +
				"uid. `sites` has the freshness of the data of each site. `reservations=false` leaves the " +
				"reservations out, and allows a larger `limit`.",
		},
		Capacity: {
			Pattern: "/nodes/capacity", Live: true, Name: "getNodeCapacity",
			Tag: "availability", Schema: "NodeCapacity", Query: countedParams(),
			Summary: "Get how many nodes are free over time, of all or by a property",
			Description: "How many of the nodes that match the filters are free from `start` to `end`, of all together or " +
				"by type, site or another property. Each step has the number at its start and the least number " +
				"within it: so many nodes can be relied on. Hosts of virtual machines are left out, since they are " +
				"leased by flavor.",
		},
		SlotsAtom: {
			Pattern: "/nodes/slots" + AtomSuffix, Live: true, Representation: Feed, Name: "getSlotsAtom", Tag: "availability",
			Query: slotParams(), Summary: "Find slots, as Atom", Description: feedOf("`/nodes/slots`", "slot"),
		},
		SlotsFeed: {
			Pattern: "/nodes/slots" + JSONFeedSuffix, Live: true, Representation: Feed, Name: "getSlotsFeed", Tag: "availability",
			Schema: "JSONFeed", Query: slotParams(), Summary: "Find slots, as JSON Feed",
			Description: feedOf("`/nodes/slots`", "slot"),
		},
		SlotsCalendar: {
			Pattern: "/nodes/slots" + CalendarSuffix, Live: true, Representation: Feed, Name: "getSlotsCalendar",
			Tag: "availability", Query: slotParams(), Summary: "Find slots, as a calendar (iCalendar)",
			Description: calendarOf("`/nodes/slots`", "slot"),
		},
		NodesCalendar: {
			Pattern: "/nodes/availability" + CalendarSuffix, Live: true, Representation: Feed, Name: "getNodesCalendar",
			Tag: "availability", Query: calendarParams(), Summary: "List the free and reserved times of nodes, as a calendar (iCalendar)",
			Description: "The free and reserved times of nodes within the next 30 days, as iCalendar (RFC 5545) in UTC. " +
				fmt.Sprintf("At most %d nodes have one calendar. ", MaxCalendarNodes) +
				"For many nodes, `/nodes/capacity.ics` has how many of them are free.",
		},
		Badge: {
			Pattern: "/nodes/badge.svg", Live: true, Representation: File, Name: "getBadge", Tag: "availability",
			Query: badgeParams(), Summary: "Get a badge that shows how many nodes are free (SVG)",
			Description: "A picture that says how many of the nodes that match the filters are free now, of how many: `3/4`. " +
				"It can be in any page or README, and is as current as its caching allows, a minute at most.",
		},
		CapacityAtom: {
			Pattern: "/nodes/capacity" + AtomSuffix, Live: true, Representation: Feed, Name: "getCapacityAtom",
			Tag: "availability", Query: capacityParams(), Summary: "Get the number of free nodes over time, as Atom",
			Description: feedOf("`/nodes/capacity`", "group and step"),
		},
		CapacityFeed: {
			Pattern: "/nodes/capacity" + JSONFeedSuffix, Live: true, Representation: Feed, Name: "getCapacityFeed",
			Tag: "availability", Schema: "JSONFeed", Query: capacityParams(), Summary: "Get the number of free nodes over time, as JSON Feed",
			Description: feedOf("`/nodes/capacity`", "group and step"),
		},
		CapacityCalendar: {
			Pattern: "/nodes/capacity" + CalendarSuffix, Live: true, Representation: Feed, Name: "getCapacityCalendar",
			Tag: "availability", Query: capacityParams(), Summary: "Get the number of free nodes over time, as a calendar (iCalendar)",
			Description: calendarOf("`/nodes/capacity`", "group and step"),
		},
		Availability: {
			Pattern: "/availability", Live: true, Name: "getAvailability", Tag: "availability",
			Schema: "TestbedAvailability", Parent: Root,
			Summary: "Get each site's freshness, and its number of nodes in each state",
			Description: "The freshness of the live data of each site, and how many of its nodes are available, reserved, " +
				"in maintenance or unknown. Check `stale` before you rely on the numbers: a site that cannot be " +
				"reached keeps its last-known data.",
		},
		SiteAvailability: {
			Pattern: site + "/availability", Live: true, Name: "getSiteAvailability",
			Tag: "availability", Schema: "SiteAvailability", NotFoundDetail: SiteNotSynced,
			Summary: "Get the time of a site's last sync",
			Description: "The time at which the reservation data of a site was last synced, and how many hosts the list " +
				"of allocations had. A site that was never synced responds with 404.",
		},
		ClusterAvailability: {
			Pattern: cluster + "/availability", Live: true, Name: "getClusterAvailability",
			Tag: "availability", Schema: "ClusterAvailability", NotFoundDetail: ClusterNotFound, Parent: Cluster,
			Summary: "List the reservations of all nodes of a cluster",
			Description: "The state and the reservations of all nodes of a cluster, as of the last sync of its site. " +
				"Nodes are there even if the site was never synced; then they are `unknown`.",
		},
		NodeAvailability: {
			Pattern: node + "/availability", Live: true, Name: "getNodeAvailability",
			Tag: "availability", Schema: "NodeAvailability", NotFoundDetail: NodeNotFound,
			Summary: "List a node's reservations",
			Description: "All reservations of a node that Blazar reports, including past ones, as of the last sync of its " +
				"site. A node without reservations has an empty list; one that Blazar does not know responds " +
				"with 404.",
			Problems: map[int][]string{404: {NodeNotSynced, NotInBlazar}},
		},
		FlavorAvailability: {
			Pattern: flavor + "/availability", Live: true, Name: "getFlavorAvailability",
			Tag: "availability", Schema: "FlavorAvailability", NotFoundDetail: FlavorNotFound,
			Summary: "Get how many instances of a flavor can be reserved, over time",
			Description: "The number of instances of a flavor that can be reserved, in periods in which it is constant. " +
				"The periods cover `start_date` to `end_date`, which are now and 30 days from now by default. " +
				"Only some sites offer this; others respond with 404 or 503.",
			Query: flavorParams(),
			Problems: map[int][]string{
				404: {FlavorsNotAsked},
				502: {FlavorsFailed},
				503: {FlavorsUnsupported},
			},
		},
		FlavorsAvailability: {
			Pattern: "/flavors/availability", Live: true, Name: "listFlavorAvailability", Tag: "availability",
			Schema: "FreeFlavorList", Query: flavorListParams(),
			Summary: "List how many instances of each flavor can be reserved now",
			Description: "How many instances of each flavor can be reserved now, of how many, at all sites in one request. " +
				"Numbers are null where a site does not tell. They are as of the last two minutes. For how they " +
				"change over time, ask about one flavor.",
		},
	}
}
