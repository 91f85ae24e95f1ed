package api

import "github.com/chameleoncloud/refapi/internal/rawjson"

// ServedVersion is what is served, and since when.
type ServedVersion struct {
	// The commit that is served.
	Version SHA `json:"version"`
	// Committer time of that commit.
	Timestamp Timestamp `json:"timestamp"`
	// When this release went live.
	GeneratedAt Time `json:"generated_at"`
	// Name and version of the program that made the release.
	//
	//schema:minLength 1
	Generator string `json:"generator"`
	// self, and where to go from here.
	//
	//schema:minItems 1
	Links []Link `json:"links"`
}

// SearchResult has the nodes that a search has found, ordered by the uids of
// site, cluster and node.
type SearchResult struct {
	Total  Total  `json:"total"`
	Offset Offset `json:"offset"`
	// The nodes.
	//
	//schema:maxItems 500
	Items []SearchItem `json:"items"`
}

// SearchItem is a node that a search has found: six members of the search, then
// the other members of the node's file, as in Node, but neither version nor
// links. Where `fields` says so, only some of them.
//
//schema:required []
//schema:if {"required":["availability"],"properties":{"availability":{"const":"reserved"}}}
//schema:then {"properties":{"availability_until":{"type":"string"}}}
//schema:else {"if":{"required":["availability"],"properties":{"availability":{"enum":["maintenance","unknown"]}}},"then":{"properties":{"availability_until":{"type":"null"}}}}
//schema:not {"anyOf":[{"required":["version"]},{"required":["links"]}]}
type SearchItem struct {
	// Name of the resource, as in its URL.
	//
	//schema:ref UID
	UID rawjson.Value `json:"uid"`
	// Kind of machine: nodes of one type are alike.
	NodeType Scalar `json:"node_type"`
	// Uid of the node's site.
	SiteID UID `json:"site_id"`
	// Uid of the node's cluster.
	ClusterID UID `json:"cluster_id"`
	SearchState
	// The file's other members.
	File rawjson.Value `json:",embed"`
}

// SearchState says whether a node is free.
type SearchState struct {
	// Now, or in the window asked for, where nodes that are reserved are left out.
	// `unknown`: the site was never synced, or the node is not in Blazar.
	Availability State `json:"availability"`
	// Without a window: of a reserved node when the reservation ends, of an available
	// one when the next begins. Otherwise null.
	AvailabilityUntil *Time `json:"availability_until"`
}

// State is what a node is in.
type State string

// The states of nodes.
const (
	StateAvailable   State = "available"
	StateReserved    State = "reserved"
	StateMaintenance State = "maintenance"
	StateUnknown     State = "unknown"
)

// FilterSet is what nodes to search for, in addition to what the query says.
type FilterSet struct {
	// Whether a node must match all filters, or any.
	//
	//schema:default "intersection"
	FilterSetType SetType `json:"filter_set_type,omitzero"`
	// The filters. Without any, every node matches.
	//
	//schema:maxItems 100
	FilterSet []Filter `json:"filter_set,omitzero"`
}

// A Filter matches nodes that have one value of each of its lists. A filter
// without members matches every node.
type Filter struct {
	// Whether a node must match all members of this filter, or any.
	//
	//schema:default "intersection"
	FilterType SetType `json:"filter_type,omitzero"`
	// Values of `node_name`.
	NodeNames []string `json:"node_names,omitzero"`
	// Values of `node_type`.
	NodeTypes []string `json:"node_types,omitzero"`
	// Values of `placement.rack`.
	Racks []string `json:"racks,omitzero"`
	// Values of other members by their dotted paths, such as
	// `{"processor.vendor": "Intel"}`. All must match. A number or a boolean is
	// compared as it is written, of an array any element may match.
	Labels map[string]string `json:"labels,omitzero"`
}

// SetType is how filters are combined.
type SetType string

// The combinations of filters.
const (
	Intersection SetType = "intersection"
	Union        SetType = "union"
)

// Slots are times at which nodes are free together, earliest first.
type Slots struct {
	Total Total `json:"total"`
	// The slots, of which `limit` cuts off the later ones.
	//
	//schema:maxItems 500
	Items []Slot `json:"items"`
}

// A Slot is a time at which as many nodes as asked for are free for as long as
// asked for.
type Slot struct {
	// The earliest time at which it can start.
	Start Time `json:"start"`
	// When it ends.
	End Time `json:"end"`
	// Uid of the site, null where the nodes are of several.
	SiteID *UID `json:"site_id"`
	// Uids of nodes that are free then.
	//
	//schema:minItems 1
	Nodes []UID `json:"nodes"`
	// Those of the nodes that Blazar has a list of projects for. Absent where there
	// are none.
	//
	//schema:minItems 1
	KeptForProjects []UID `json:"kept_for_projects,omitzero"`
}

// Availability is how fresh the live data of each site is, and how many nodes
// are in which state.
type Availability struct {
	Total Total `json:"total"`
	// Present where the data is simulated, to show what real data would look like.
	//
	//schema:const true
	Demonstration bool `json:"demonstration,omitzero"`
	// The sites that are polled for their reservations, ordered by uid.
	Items []SiteStatus    `json:"items"`
	Links CollectionLinks `json:"links"`
}

// SiteStatus is how fresh a site's data is, and what it says in sum.
type SiteStatus struct {
	// Uid of the site.
	SiteID UID `json:"site_id"`
	// Time of the last sync, null where there was none.
	LastSynced *Time `json:"last_synced"`
	// Complete seconds since the last sync, null where there was none or its time is
	// in the future.
	//
	//schema:minimum 0
	AgeSeconds *int `json:"age_seconds"`
	// Whether the last sync is older than three poll intervals, its time is in the
	// future, or there was none.
	Stale bool `json:"stale"`
	// In a word why syncs have failed since: `auth`, `catalog`, `config`,
	// `forbidden`, `network`, `not_found`, `rate_limit`, `response`, `server`,
	// `timeout`, `tls` or `too_large`. Null where the last sync succeeded.
	LastError *string `json:"last_error"`
	// How many of the site's nodes are in which state.
	Counts StateCounts `json:"counts"`
}

// StateCounts are how many nodes are in which state.
type StateCounts struct {
	// Nodes that are free now.
	//
	//schema:minimum 0
	Available int `json:"available"`
	// Nodes that are reserved now.
	//
	//schema:minimum 0
	Reserved int `json:"reserved"`
	// Nodes that cannot be reserved.
	//
	//schema:minimum 0
	Maintenance int `json:"maintenance"`
	// Nodes that Blazar does not know, or whose site was never synced.
	//
	//schema:minimum 0
	Unknown int `json:"unknown"`
	// Hosts of virtual machines, whatever their state: they are leased by flavor, and
	// counted here alone.
	//
	//schema:minimum 0
	ByFlavor int `json:"by_flavor"`
}

// NodesAvailability has the reservations of nodes, as of the last sync of each
// site.
type NodesAvailability struct {
	// How many nodes match the filters.
	Total  Total  `json:"total"`
	Offset Offset `json:"offset"`
	// Present where the data is simulated, to show what real data would look like.
	//
	//schema:const true
	Demonstration bool `json:"demonstration,omitzero"`
	// The sites of all nodes that match, ordered by uid.
	Sites []SiteSync `json:"sites"`
	// The nodes, ordered by the uids of site, cluster and node.
	//
	//schema:maxItems 10000
	Items []NodeReservations `json:"items"`
}

// SiteSync is how fresh a site's data is.
type SiteSync struct {
	// Uid of the site.
	SiteID UID `json:"site_id"`
	// Time of the last sync, null where there was none. A node that is unknown
	// although its site was synced is not registered in Blazar.
	LastSynced *Time `json:"last_synced"`
	// Whether the last sync is older than three poll intervals, its time is in the
	// future, or there was none.
	Stale bool `json:"stale"`
}

// NodeReservations are the reservations of a node among those of several sites.
type NodeReservations struct {
	// Uid of the node.
	NodeID UID `json:"node_id"`
	// Human-readable name.
	NodeName *string `json:"node_name"`
	// Kind of machine: nodes of one type are alike.
	NodeType *string `json:"node_type"`
	// Uid of the site.
	SiteID UID `json:"site_id"`
	// Uid of the cluster.
	ClusterID UID `json:"cluster_id"`
	NodeStatus
	// All that Blazar reports, in its order, past ones too. Absent with
	// `reservations=false`.
	Reservations []Reservation `json:"reservations,omitzero"`
}

// NodeStatus says whether a node is free, and how it is leased.
type NodeStatus struct {
	// The node's state now.
	Availability State `json:"availability"`
	// When that changes, as in a search.
	AvailabilityUntil *Time `json:"availability_until"`
	// Of a reserved node, when it can be leased again: the end of the reservation and
	// of all that overlap it or begin when it ends. Otherwise null.
	FreeFrom *Time    `json:"free_from"`
	LeasedBy LeasedBy `json:"leased_by"`
	// Whether Blazar has a list of projects that the node is kept for. Which ones is
	// not published, and whether others can reserve the node depends on Blazar.
	KeptForProjects bool `json:"kept_for_projects"`
	// Whether the node cannot be reserved for now.
	Maintenance bool `json:"maintenance"`
}

// LeasedBy is how the machine is leased: as a complete one (`node`), or as a
// host of virtual machines (`flavor`), which is in no slot.
type LeasedBy string

// The ways to lease a machine.
const (
	LeasedByNode   LeasedBy = "node"
	LeasedByFlavor LeasedBy = "flavor"
)

// ClusterAvailability has the reservations of all nodes of a cluster, as of the
// last sync of its site.
type ClusterAvailability struct {
	// Uid of the site.
	SiteID UID `json:"site_id"`
	// Uid of the cluster.
	ClusterID UID `json:"cluster_id"`
	// Time of the last sync, null where there was none.
	LastUpdated *Time `json:"last_updated"`
	// Whether the last sync is older than three poll intervals, its time is in the
	// future, or there was none.
	Stale bool  `json:"stale"`
	Total Total `json:"total"`
	// The nodes, ordered by uid.
	Items []ClusterNode   `json:"items"`
	Links CollectionLinks `json:"links"`
}

// ClusterNode has the reservations of a node among those of its cluster.
type ClusterNode struct {
	// Uid of the node.
	NodeID UID `json:"node_id"`
	NodeStatus
	// All that Blazar reports, in its order, past ones too.
	Reservations []Reservation `json:"reservations"`
}

// SiteAvailability is when a site was last synced: asked for its hosts and
// reservations.
type SiteAvailability struct {
	// Uid of the site.
	SiteID UID `json:"site_id"`
	// Time of the last sync.
	LastSynced OffsetTime `json:"last_synced"`
	// Hosts that Blazar has a row of allocations for.
	//
	//schema:minimum 0
	SyncedNodeCount int `json:"synced_node_count"`
}

// NodeAvailability has a node's reservations, as of the last sync of its site.
type NodeAvailability struct {
	// Uid of the node.
	NodeID UID `json:"node_id"`
	// Uid of the node's cluster.
	ClusterID UID `json:"cluster_id"`
	// Uid of the node's site.
	SiteID UID `json:"site_id"`
	// Time of the last sync.
	LastUpdated Time `json:"last_updated"`
	// Whether the node cannot be reserved for now.
	Maintenance bool `json:"maintenance"`
	// All that Blazar reports, in its order, past ones too.
	Reservations []Reservation `json:"reservations"`
}

// A Reservation is a time in which a node is reserved.
type Reservation struct {
	// The first instant that is reserved.
	Start Time `json:"start"`
	// The first instant that is not reserved any more.
	End Time `json:"end"`
}

// FlavorAvailability is how many instances of a flavor can be reserved, over
// time.
type FlavorAvailability struct {
	// The flavor, as asked for.
	//
	//schema:minLength 1
	FlavorID string `json:"flavor_id"`
	// Uid of the site.
	SiteID UID `json:"site_id"`
	// Stretches of time in which the numbers do not change, in order.
	Availability []FlavorSegment `json:"availability"`
}

// A FlavorSegment is a stretch of time in which as many instances of a flavor
// can be reserved.
type FlavorSegment struct {
	// Start of the stretch.
	Start LocalTime `json:"start"`
	// End of the stretch.
	End LocalTime `json:"end"`
	// Instances that can be reserved.
	Available int `json:"available"`
	// Instances that there are.
	Total int `json:"total"`
}
