package route

import (
	"cmp"
	"iter"
	"strings"
)

// KindID names a kind of resource.
type KindID int

// The kinds of resources. What is not one of them has the zero KindID.
const (
	noKind KindID = iota
	GridKind
	SiteKind
	ClusterKind
	NodeKind
	FlavorKind
	kindCount
)

// Kind is one row of the table of kinds of resources. Its collection, items,
// histories and lists of versions are generated from the row, if the row names
// routes for them. The members of its items are the fields of its type in
// package api.
type Kind struct {
	Name      string // singular, as the schema of its files is called
	Segment   string // of paths and directories, before a resource's uid
	Parent    KindID // what contains it
	InDir     bool   // a resource's file is in a directory of the resource's own name
	One, Many string // in sentences
	Schema    string // OpenAPI component of an item
	Holds     string // what an item has, a sentence
	List      string // of the collection, in operation ids

	NotFoundDetail string // the detail of the 404 for a resource that does not exist

	Collection, Item                      ID
	CollectionVersions, CollectionVersion ID // 0 where collections have none
	ItemVersions, ItemVersion             ID
	ItemHistory                           ID
	// VersionsParent is the parent of the list of an item's versions; by default
	// the item.
	VersionsParent ID

	Page, HistoryPage Page // in the hardware browser
}

// kinds has each kind after the one that contains it.
var kinds = [kindCount]Kind{
	GridKind: {Name: "grid", InDir: true, Item: Root, Page: HardwareList, HistoryPage: HardwareChanges},
	SiteKind: {
		Name: "site", Segment: "sites", Parent: GridKind, InDir: true, One: "a site", Many: "all sites",
		Holds:  "A site has its name, its place and its contacts, and links to its clusters and flavors.",
		Schema: "Site", List: "Sites",
		NotFoundDetail: SiteNotFound,
		Item:           Site, ItemVersions: SiteVersions, ItemVersion: SiteVersion, ItemHistory: SiteHistory,
		Collection: Sites, CollectionVersions: SitesVersions, CollectionVersion: SitesVersion,
		Page: HardwareSite, HistoryPage: HardwareSiteHistory,
		VersionsParent: Sites, // existing clients of the legacy service see this link
	},
	ClusterKind: {
		Name: "cluster", Segment: "clusters", Parent: SiteKind, InDir: true, One: "a cluster", Many: "a site's clusters",
		Holds:  "A cluster has the queues that accept jobs, and links to its nodes.",
		Schema: "Cluster", List: "Clusters",
		NotFoundDetail: ClusterNotFound,
		Item:           Cluster, ItemVersions: ClusterVersions, ItemVersion: ClusterVersion, ItemHistory: ClusterHistory,
		Collection: Clusters, CollectionVersions: ClustersVersions, CollectionVersion: ClustersVersion,
		Page: HardwareCluster, HistoryPage: HardwareClusterHistory,
	},
	NodeKind: {
		Name: "node", Segment: "nodes", Parent: ClusterKind, One: "a node", Many: "a cluster's nodes",
		Holds:  "A node has its type and the complete description of its hardware, as far as its file has one.",
		Schema: "ClusterNode", List: "ClusterNodes",
		NotFoundDetail: NodeNotFound,
		Item:           Node, ItemVersions: NodeVersions, ItemVersion: NodeVersion, ItemHistory: NodeHistory,
		Collection: Nodes,
		Page:       HardwareNode, HistoryPage: HardwareNodeHistory,
	},
	FlavorKind: {
		Name: "flavor", Segment: "flavors", Parent: SiteKind, One: "a flavor", Many: "a site's flavors",
		Holds:  "A flavor has the processors, memory, disk and GPUs of a virtual machine, and what an hour of it costs.",
		Schema: "Flavor", List: "SiteFlavors",
		NotFoundDetail: FlavorNotFound,
		Item:           Flavor, ItemVersions: FlavorVersions, ItemVersion: FlavorVersion, ItemHistory: FlavorHistory,
		Collection: Flavors, CollectionVersions: FlavorsVersions, CollectionVersion: FlavorsVersion,
		Page: HardwareFlavor, HistoryPage: HardwareFlavorHistory,
	},
}

// Kinds yields the table of kinds, each after what contains it.
func Kinds() iter.Seq2[KindID, *Kind] {
	return func(yield func(KindID, *Kind) bool) {
		for id := noKind + 1; id < kindCount; id++ {
			if !yield(id, &kinds[id]) {
				return
			}
		}
	}
}

// Get returns the row of an id.
func (id KindID) Get() *Kind { return &kinds[id] }

// String returns the kind's name, "" for the zero KindID.
func (id KindID) String() string { return kinds[id].Name }

// Children yields the kinds that this one contains.
func (id KindID) Children() iter.Seq2[KindID, *Kind] {
	return func(yield func(KindID, *Kind) bool) {
		for child, k := range Kinds() {
			if k.Parent == id && !yield(child, k) {
				return
			}
		}
	}
}

// addRoutes adds the routes of a kind to a table that already has those of the
// kind's parent.
func (id KindID) addRoutes(table *[count]Route) {
	k := id.Get()
	parent := k.Parent.Get().Item
	pattern := strings.TrimSuffix(table[parent].Pattern, "/") + "/" + k.Segment
	name := strings.ToUpper(k.Name[:1]) + k.Name[1:]

	table[k.Collection] = Route{
		Pattern: pattern, Kind: id, Representation: Collection, Name: "list" + k.List, Tag: k.Segment,
		Summary:     "List " + k.Many,
		Description: "All items, complete and sorted by uid, unless `offset` or `limit` asks for a slice. " + k.Holds,
		Schema:      name + "Collection", Parent: parent,
		NotFoundDetail: table[parent].NotFoundDetail,
	}

	if k.CollectionVersions != none {
		addVersions(table, k.Collection, k.CollectionVersions, k.CollectionVersion, name+"Collection", k.Many, parent)
	}

	table[k.Item] = Route{
		Pattern: pattern + "/{" + k.Name + "}", Kind: id, Representation: Item, Name: "get" + name, Tag: k.Segment,
		Summary: "Get " + k.One,
		Description: k.Holds + " Members that the file lacks but are declared here are null; " +
			"the file's other members follow unchanged.",
		Schema: k.Schema, Parent: parent,
		NotFoundDetail: k.NotFoundDetail,
	}

	addVersions(table, k.Item, k.ItemVersions, k.ItemVersion, name, k.One, cmp.Or(k.VersionsParent, k.Item))
	addHistory(table, k, name)
}

// addVersions adds the list of a resource's versions, and a version, to the table.
func addVersions(table *[count]Route, of, list, version ID, name, phrase string, listParent ID) {
	r := &table[of]
	r.VersionsRoute, r.VersionRoute = list, version
	pattern := r.Pattern + "/" + VersionsSegment

	table[list] = Route{
		Pattern: pattern, Representation: VersionList, Name: "list" + name + "Versions", Tag: "versions",
		Summary: "List the versions that touched " + phrase + ", newest first",
		Description: "The commits that touched the files of " + phrase + ", newest first, as `git log -- PATH` lists them. " +
			"`offset` and `limit` return a slice.",
		Schema: "VersionCollection", Parent: listParent, NotFoundDetail: r.NotFoundDetail,
	}

	table[version] = Route{
		Pattern: pattern + "/{sha}", Representation: Version, Name: "get" + name + "Version", Tag: "versions",
		Summary: "Get one version of " + phrase,
		Description: "A commit that touched the files of " + phrase + ", with its complete message. `HEAD`, an " +
			"unambiguous prefix of a hash and the hash of a version that touched nothing there redirect to the full hash " +
			"of one that did.",
		Schema: "ResourceVersion", Parent: of, NotFoundDetail: VersionNotFound,
	}
}

// addHistory adds the history of a kind's items to the table. The versions of a
// kind with directories also cover the files below.
func addHistory(table *[count]Route, k *Kind, name string) {
	schema, below := name+"History", ""
	if k.InDir {
		schema = "FileHistory"
		below = "Only the resource's own file counts: a version that touched others below it has an empty patch. "
	}

	r := &table[k.Item]
	r.HistoryRoute = k.ItemHistory

	table[k.ItemHistory] = Route{
		Pattern: r.Pattern + "/history", Representation: Collection, Name: "get" + name + "History", Tag: "changes",
		Summary: "List what each version changed in the file of " + k.One + ", newest first",
		Description: "The versions of " + k.One + ", newest first, each with the state of its file and a patch, with old " +
			"values, from the next older version that is present. " + below + "`file` is the newest content; undoing one " +
			"patch after another leads to every older one, but for the order of members. `offset` and `limit` return a " +
			"slice, with the same `file` and `version`.",
		Schema: schema, Parent: k.Item, NotFoundDetail: k.NotFoundDetail,
	}
}
