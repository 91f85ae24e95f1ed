package api

import "github.com/chameleoncloud/refapi/internal/rawjson"

// ServedVersion is the version that is served, and since when.
type ServedVersion struct {
	// The commit that is served.
	Version SHA `json:"version"`
	// Committer time of that commit.
	Timestamp Timestamp `json:"timestamp"`
	// When this release went live.
	GeneratedAt Time `json:"generated_at"`
	// Name and version of the program that generated the release.
	//
	//schema:minLength 1
	//schema:examples ["refgen 1.0.0"]
	Generator string          `json:"generator"`
	Links     CollectionLinks `json:"links"`
}

// SearchResult has the nodes that a search found, ordered by the uids of
// site, cluster and node.
type SearchResult struct {
	Total  Total  `json:"total"`
	Offset Offset `json:"offset"`
	// The nodes.
	Items []SearchItem `json:"items"`
}

// SearchItem is a node that a search found: the six declared members, then the
// other members of the node's file, as in ClusterNode, but neither version nor links.
// With `fields`, it has only the members listed there.
type SearchItem struct {
	// Name of the resource, as in its URL.
	//
	//schema:ref UID
	//schema:examples ["04d91a7a-db07-4d15-8958-10127b145ac3"]
	UID rawjson.Value `json:"uid,omitzero"`
	// Type of machine: nodes of one type have similar hardware.
	//
	//schema:examples ["compute_skylake"]
	NodeType fileText `json:"node_type,omitzero"`
	// Uid of the node's site.
	SiteID UID `json:"site_id,omitzero"`
	// Uid of the node's cluster.
	//
	//schema:examples ["chameleon"]
	ClusterID UID `json:"cluster_id,omitzero"`
	// The state now, or in the requested window, from which reserved nodes are left
	// out. `unknown`: the site was never synced, or the node is not in Blazar.
	Availability NodeState `json:"availability,omitzero"`
	// Without a window: for a reserved node, when the reservation ends; for an
	// available node, when the next one begins. Otherwise null.
	//
	//schema:examples ["2026-11-22T09:00:00Z"]
	AvailabilityUntil *Time `json:"availability_until,omitzero"`
	// The file's other members.
	//
	//schema:members NodeMembers
	//schema:allOf NodeHardware
	File rawjson.Value `json:",embed"`
}

// NodeState is the state of a node.
type NodeState string

// The states of nodes.
const (
	StateAvailable   NodeState = "available"
	StateReserved    NodeState = "reserved"
	StateMaintenance NodeState = "maintenance"
	StateUnknown     NodeState = "unknown"
)

// NodeFilterSet selects nodes, in addition to the parameters of the query.
type NodeFilterSet struct {
	// Whether a node must match all filters (`intersection`, the default) or any.
	FilterSetType FilterSetType `json:"filter_set_type,omitzero"`
	// The filters. If there are none, every node matches.
	//
	//schema:maxItems 100
	FilterSet []NodeFilter `json:"filter_set,omitzero"`
}

// A NodeFilter matches nodes that have one of the values of each list. An empty
// filter matches every node.
type NodeFilter struct {
	// Whether a node must match all members of this filter (`intersection`, the
	// default) or any.
	FilterType FilterSetType `json:"filter_type,omitzero"`
	// Values of `node_name`.
	//
	//schema:examples [["nc01"]]
	NodeNames []string `json:"node_names,omitzero"`
	// Values of `node_type`.
	//
	//schema:examples [["compute_skylake"]]
	NodeTypes []string `json:"node_types,omitzero"`
	// Values of `placement.rack`.
	//
	//schema:examples [["12"]]
	Racks []string `json:"racks,omitzero"`
	// Values of other members by their dotted paths, such as
	// `{"processor.vendor": "Intel"}`. All must match. A number or a boolean is
	// compared as written; any element of an array may match. All filters together
	// have at most 100 labels.
	//
	//schema:examples [{"processor.vendor":"Intel"}]
	Labels map[string]string `json:"labels,omitzero"`
}

// FilterSetType is how filters are combined.
type FilterSetType string

// The combinations of filters.
const (
	Intersection FilterSetType = "intersection"
	Union        FilterSetType = "union"
)

// SlotList are time slots in which nodes are free together, earliest first.
type SlotList struct {
	Total Total `json:"total"`
	// The earliest slots, up to `limit`.
	Items []Slot `json:"items"`
	// Questions that differ in one thing and have a slot. Only if there is no slot, or with
	// `nearest=true`.
	Nearest []NearestSlot `json:"nearest,omitzero"`
	// The largest number that is free together; of a mixture, of the first part. Only if
	// there is no slot, or with `nearest=true`; and not if none is free.
	Most *MostAtOnce `json:"most,omitzero"`
	// Notices of the sites of nodes that match, until they end. Absent if there are none.
	//
	//schema:minItems 1
	Notices []Notice `json:"notices,omitzero"`
	// Of a mixture the largest number for each part, with all others as they are asked for;
	// null if there is no slot with any. Only with `most`.
	MostOfParts []*MostAtOnce `json:"most_of_parts,omitzero"`
	// The ways to have what is asked for: nodes of each type at each site, and nodes of
	// several types or sites where no single one will do as soon. Only with `nearest=true`;
	// at most 20.
	Ways []SlotWay `json:"ways,omitzero"`
	// Ways to have nodes of other types that are as large as those that the question names,
	// or larger. Only with `nearest=true`, and for questions that name a type or a model.
	Alternatives *SlotAlternatives `json:"alternatives,omitzero"`
	// True if the data is simulated, for a demonstration; absent otherwise. Only with
	// `nearest=true`.
	Demonstration bool `json:"demonstration,omitzero"`
	// The sites of all nodes that match, ordered by uid. Only with `nearest=true`.
	Sites []SiteSync `json:"sites,omitzero"`
}

// A SlotWay is nodes that serve a question by themselves, with their earliest slot.
type SlotWay struct {
	Slot Slot `json:"slot"`
	// Number of nodes that match, in any state. Absent for mixtures.
	//
	//schema:minimum 1
	//schema:examples [4]
	Nodes int `json:"nodes,omitzero"`
	// When slots can start, in order: the first 100 stretches.
	//
	//schema:minItems 1
	Starts []SlotStarts `json:"starts"`
}

// SlotStarts is a stretch of time: a slot can start whenever in it.
type SlotStarts struct {
	First Time `json:"first"`
	// The latest start, to the minute.
	//
	//schema:examples ["2026-11-23T09:00:00Z"]
	Last Time `json:"last"`
}

// SlotAlternatives are ways to have other hardware than a question names.
type SlotAlternatives struct {
	// The query of the question for nodes that are as large, without a question mark.
	//
	//schema:examples ["gpu_memory=80GiB..&count=2&hours=24"]
	Query string `json:"query"`
	// The ways that have none of the types that the question has.
	Ways []SlotWay `json:"ways"`
}

// A NearestSlot is a question that differs in one thing, and its earliest slot.
type NearestSlot struct {
	// The parameter that differs: a filter that is left out, an `after` that is left out, a
	// later `before`, a smaller `count`, shorter `hours`, or `same_site` that is left out.
	// Where it names a type or a model, ranges take its place, so that nodes are as large.
	//
	//schema:minLength 1
	//schema:examples ["hours"]
	LetGo string `json:"let_go"`
	// The query of that question, without a question mark.
	//
	//schema:examples ["node_type=gpu_a100_pcie&count=2&hours=17"]
	Query string `json:"query"`
	Slot  Slot   `json:"slot"`
}

// MostAtOnce is the largest number of nodes, or GPUs, that are free together.
type MostAtOnce struct {
	// The number, in the unit of the question.
	//
	//schema:minimum 1
	//schema:examples [3]
	Count int `json:"count"`
	// The earliest slot with as many.
	Slot Slot `json:"slot"`
	// How many there are in any state, at the site that has the most of them if `same_site`
	// is true. Absent for mixtures.
	//
	//schema:minimum 1
	//schema:examples [4]
	All int `json:"all,omitzero"`
	// The numbers for which one has to wait longer than for any smaller one, up to the
	// largest; at most 8 of them. Absent for mixtures.
	//
	//schema:minItems 1
	Rises []SlotRise `json:"rises,omitzero"`
}

// A SlotRise is a number of nodes, or GPUs, and when as many are free together first.
type SlotRise struct {
	// The number, in the unit of the question.
	//
	//schema:minimum 1
	//schema:examples [3]
	Count int `json:"count"`
	// Number of these nodes.
	//
	//schema:minimum 1
	//schema:examples [3]
	Nodes int `json:"nodes"`
	// Earliest start.
	Start Time `json:"start"`
	// Until when these nodes can be reserved without a break. Null if no end is known.
	//
	//schema:examples ["2026-11-23T09:00:00Z"]
	ExtendableUntil *Time `json:"extendable_until"`
	// Uid of the site; null if the nodes belong to several sites.
	SiteID *UID `json:"site_id"`
}

// A Slot is a time slot in which the requested number of nodes is free for the
// requested duration.
type Slot struct {
	// Earliest start.
	Start Time `json:"start"`
	// End for that start.
	//
	//schema:examples ["2026-11-21T10:00:00Z"]
	End Time `json:"end"`
	// Uid of the site; null if the nodes belong to several sites.
	SiteID *UID `json:"site_id"`
	// Uids of nodes that are free in this slot.
	//
	//schema:minItems 1
	//schema:examples [["04d91a7a-db07-4d15-8958-10127b145ac3"]]
	Nodes []UID `json:"nodes"`
	// The nodes among these that Blazar keeps for certain projects. Absent if there
	// are none.
	//
	//schema:minItems 1
	//schema:examples [["04d91a7a-db07-4d15-8958-10127b145ac3"]]
	KeptForProjects []UID `json:"kept_for_projects,omitzero"`
	// Until when these nodes can be reserved without a break. Null if no end is known.
	//
	//schema:examples ["2026-11-23T09:00:00Z"]
	ExtendableUntil *Time `json:"extendable_until"`
	SlotNeeds
	// The parts of a mixture. Absent if there is only one.
	Parts []SlotPart `json:"parts,omitzero"`
}

// SlotNeeds is how nodes of a slot are reserved.
type SlotNeeds struct {
	// Number of nodes that could serve in this slot.
	//
	//schema:minimum 1
	//schema:examples [3]
	Candidates int `json:"candidates"`
	// Number of GPUs of these nodes. Absent unless `unit` is `gpus`.
	GPUs int `json:"gpus,omitzero"`
	// How the nodes can be reserved: by their type, of which any node will do, or only
	// one by one (`node`), because another node of the type would not match.
	ReserveBy ReserveBy `json:"reserve_by"`
	// The type of all these nodes. Null if they have several.
	//
	//schema:examples ["gpu_a100_pcie"]
	NodeType *string `json:"node_type"`
}

// ReserveBy is how nodes of a slot can be reserved.
type ReserveBy string

// The ways to reserve nodes.
const (
	ReserveByType ReserveBy = "type"
	ReserveByNode ReserveBy = "node"
)

// A SlotPart is the nodes of a slot that serve one part of a mixture.
type SlotPart struct {
	// Uids of the nodes.
	//
	//schema:minItems 1
	//schema:examples [["04d91a7a-db07-4d15-8958-10127b145ac3"]]
	Nodes []UID `json:"nodes"`
	SlotNeeds
}

// TestbedAvailability is the freshness of each site's live data, and the number of its
// nodes in each state.
type TestbedAvailability struct {
	Total Total `json:"total"`
	// True if the data is simulated, for a demonstration; absent otherwise.
	Demonstration bool `json:"demonstration,omitzero"`
	// The sites that are polled for their reservations, ordered by uid.
	Items []SiteStatus    `json:"items"`
	Links CollectionLinks `json:"links"`
}

// SiteStatus is the freshness of a site's data, with counts of its nodes.
type SiteStatus struct {
	// Uid of the site.
	SiteID UID `json:"site_id"`
	// Time of the last sync; null if there was none.
	LastSynced *Time `json:"last_synced"`
	// Complete seconds since the last sync; null if there was none or its time is
	// in the future.
	//
	//schema:minimum 0
	AgeSeconds *int `json:"age_seconds"`
	// Whether the last sync is older than three poll intervals, its time is in the
	// future, or there was none.
	Stale bool `json:"stale"`
	// The class of the error with which syncs have failed since: `auth`, `catalog`, `config`,
	// `forbidden`, `network`, `not_found`, `rate_limit`, `response`, `server`,
	// `timeout`, `tls` or `too_large`. Null if the last sync succeeded.
	//
	//schema:examples ["timeout"]
	LastError *string `json:"last_error"`
	// Number of the site's nodes in each state.
	Counts StateCounts `json:"counts"`
	// Notices of the site that have not ended. Absent if there are none.
	//
	//schema:minItems 1
	Notices []Notice `json:"notices,omitzero"`
}

// Notice is something that users of a site should know, such as a planned outage.
type Notice struct {
	// Permanent identifier.
	//
	//schema:examples ["uc-network"]
	ID string `json:"id"`
	// Uid of the site that it is about; null for all sites.
	SiteID *UID `json:"site_id"`
	// When it begins; null for one that holds already.
	Start *Time `json:"start"`
	// When it ends.
	//
	//schema:examples ["2026-12-08T18:00:00Z"]
	End Time `json:"end"`
	// Human-readable text.
	//
	//schema:minLength 1
	//schema:examples ["Network maintenance: nodes cannot be reached."]
	Text string `json:"text"`
	// URL of more about it; null for none.
	//
	//schema:format "uri"
	//schema:examples ["https://example.org/status"]
	URL *string `json:"url"`
}

// StateCounts are numbers of nodes by state.
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
	// Hosts of virtual machines, in any state. They are leased by flavor, so they
	// are counted here only.
	//
	//schema:minimum 0
	ByFlavor int `json:"by_flavor"`
}

// NodeAvailabilityList has the reservations of nodes, as of the last sync of each
// site.
type NodeAvailabilityList struct {
	// Number of nodes that match the filters.
	Total  Total  `json:"total"`
	Offset Offset `json:"offset"`
	SiteSyncs
	// The nodes, ordered by the uids of site, cluster and node.
	Items []NodeAvailabilityEntry `json:"items"`
}

// NodeCapacity is how many nodes are free over time, as of the last sync of each site.
type NodeCapacity struct {
	// Start of the first step.
	Start Time `json:"start"`
	// End of the last step.
	//
	//schema:examples ["2026-12-21T09:00:00Z"]
	End Time `json:"end"`
	// Length of a step, in seconds. Steps begin at the multiples of it since 1970, UTC,
	// except for the first, which begins at `start`.
	//
	//schema:minimum 1
	//schema:examples [86400]
	Step int `json:"step"`
	SiteSyncs
	// Number of groups.
	Total Total `json:"total"`
	// The groups, ordered by their values. A node with several values is in several
	// groups.
	Items []CapacityGroup `json:"items"`
	// The nodes by the values of the properties that `counts` names, ordered by property and
	// value. Absent without it.
	//
	//schema:minItems 1
	Counts []ValueCount `json:"counts,omitzero"`
}

// A ValueCount is how many nodes have a value of a property, at each site.
type ValueCount struct {
	// Name of the property, as of a facet.
	//
	//schema:examples ["gpu_family"]
	Property string `json:"property"`
	// The value.
	//
	//schema:examples ["NVIDIA A100"]
	Value string `json:"value"`
	// The sites that have such nodes, ordered by uid.
	//
	//schema:minItems 1
	Sites []SiteCount `json:"sites"`
}

// A SiteCount is how many nodes of a site are free.
type SiteCount struct {
	// Uid of the site.
	SiteID UID `json:"site_id"`
	// Number of nodes that are leased as complete machines, in any state.
	//
	//schema:minimum 1
	Nodes int `json:"nodes"`
	// How many of them are free at `start`, or now if that is past.
	//
	//schema:minimum 0
	Free int `json:"free"`
}

// A CapacityGroup is how many of some nodes are free over time.
type CapacityGroup struct {
	// The value that the nodes have in common. Null for nodes of which it is not known,
	// and for all nodes without `by`.
	//
	//schema:examples ["compute_skylake"]
	Value *string `json:"value"`
	// Number of nodes that are leased as complete machines, in any state. Those that
	// are in maintenance or unknown are never free.
	//
	//schema:minimum 0
	Nodes int `json:"nodes"`
	// Numbers of free nodes: at the start of each step, and at the end of the last one.
	// Before now they are known at full hours that were counted, and null otherwise.
	//
	//schema:minItems 2
	//schema:examples [[12,8,9]]
	Free []*int `json:"free"`
	// The least number of free nodes within each step, from now on. Of steps before now, the
	// least at full hours; null if none was counted.
	//
	//schema:minItems 1
	//schema:examples [[8,7]]
	Least []*int `json:"least"`
}

// SiteSyncs is the freshness of the data that an answer about nodes is made from.
type SiteSyncs struct {
	// True if the data is simulated, for a demonstration; absent otherwise.
	Demonstration bool `json:"demonstration,omitzero"`
	// The sites of all nodes that match, ordered by uid.
	Sites []SiteSync `json:"sites"`
}

// SiteSync is the freshness of a site's data.
type SiteSync struct {
	// Uid of the site.
	SiteID UID `json:"site_id"`
	// Time of the last sync; null if there was none. A node that is `unknown`
	// although its site was synced is not registered in Blazar.
	LastSynced *Time `json:"last_synced"`
	// Whether the last sync is older than three poll intervals, its time is in the
	// future, or there was none.
	Stale bool `json:"stale"`
	// Notices of the site that have not ended. Absent if there are none.
	//
	//schema:minItems 1
	Notices []Notice `json:"notices,omitzero"`
}

// NodeAvailabilityEntry are the reservations of a node in a list across sites.
type NodeAvailabilityEntry struct {
	// Uid of the node.
	//
	//schema:examples ["04d91a7a-db07-4d15-8958-10127b145ac3"]
	NodeID UID `json:"node_id"`
	// Human-readable name.
	//
	//schema:examples ["nc01"]
	NodeName *string `json:"node_name"`
	// Type of machine: nodes of one type have similar hardware.
	//
	//schema:examples ["compute_skylake"]
	NodeType *string `json:"node_type"`
	// Uid of the site.
	SiteID UID `json:"site_id"`
	// Uid of the cluster.
	//
	//schema:examples ["chameleon"]
	ClusterID UID `json:"cluster_id"`
	NodeStatus
	// All reservations that Blazar reports, in its order, including past ones.
	// Absent with `reservations=false`.
	Reservations []Reservation `json:"reservations,omitzero"`
}

// NodeStatus is whether a node is free, and how it is leased.
type NodeStatus struct {
	// The node's state now.
	Availability NodeState `json:"availability"`
	// When that changes, as in a search.
	//
	//schema:examples ["2026-11-22T09:00:00Z"]
	AvailabilityUntil *Time `json:"availability_until"`
	// For a reserved node, when it can be leased again: after the reservation and all
	// that overlap it or directly follow it. Otherwise null.
	//
	//schema:examples [null]
	FreeFrom *Time    `json:"free_from"`
	LeasedBy LeasedBy `json:"leased_by"`
	// Whether Blazar keeps the node for a list of projects. The list is not
	// published; whether other projects can reserve the node depends on Blazar.
	KeptForProjects bool `json:"kept_for_projects"`
	// Whether the node is in maintenance and cannot be reserved.
	Maintenance bool `json:"maintenance"`
}

// LeasedBy is how a machine is leased: as a complete machine (`node`), or by
// flavor as a host of virtual machines (`flavor`), which never appears in slots.
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
	//
	//schema:examples ["chameleon"]
	ClusterID UID `json:"cluster_id"`
	// Time of the last sync; null if there was none.
	LastUpdated *Time `json:"last_updated"`
	// Whether the last sync is older than three poll intervals, its time is in the
	// future, or there was none.
	Stale bool  `json:"stale"`
	Total Total `json:"total"`
	// The nodes, ordered by uid.
	Items []ClusterAvailabilityEntry `json:"items"`
	Links CollectionLinks            `json:"links"`
}

// ClusterAvailabilityEntry has the reservations of a node in its cluster's list.
type ClusterAvailabilityEntry struct {
	// Uid of the node.
	//
	//schema:examples ["04d91a7a-db07-4d15-8958-10127b145ac3"]
	NodeID UID `json:"node_id"`
	NodeStatus
	// All reservations that Blazar reports, in its order, including past ones.
	Reservations []Reservation `json:"reservations"`
}

// SiteAvailability is when a site's hosts and reservations were last synced.
type SiteAvailability struct {
	// Uid of the site.
	SiteID UID `json:"site_id"`
	// Time of the last sync.
	LastSynced OffsetTime `json:"last_synced"`
	// Number of hosts in Blazar's list of allocations.
	//
	//schema:minimum 0
	SyncedNodeCount int `json:"synced_node_count"`
}

// NodeAvailability has a node's reservations, as of the last sync of its site.
type NodeAvailability struct {
	// Uid of the node.
	//
	//schema:examples ["04d91a7a-db07-4d15-8958-10127b145ac3"]
	NodeID UID `json:"node_id"`
	// Uid of the node's cluster.
	//
	//schema:examples ["chameleon"]
	ClusterID UID `json:"cluster_id"`
	// Uid of the node's site.
	SiteID UID `json:"site_id"`
	// Time of the last sync.
	LastUpdated Time `json:"last_updated"`
	// Whether the node is in maintenance and cannot be reserved.
	Maintenance bool `json:"maintenance"`
	// All reservations that Blazar reports, in its order, including past ones.
	Reservations []Reservation `json:"reservations"`
}

// A Reservation is a period in which a node is reserved.
type Reservation struct {
	// Start, inclusive.
	Start Time `json:"start"`
	// End, exclusive.
	//
	//schema:examples ["2026-11-22T09:00:00Z"]
	End Time `json:"end"`
}

// FlavorAvailability is the number of instances of a flavor that can be
// reserved, over time.
type FlavorAvailability struct {
	// The flavor, as in the request.
	//
	//schema:minLength 1
	//schema:examples ["m1.large"]
	FlavorID string `json:"flavor_id"`
	// Uid of the site.
	SiteID UID `json:"site_id"`
	// Periods in which the numbers are constant, in chronological order.
	Availability []FlavorSegment `json:"availability"`
}

// A FlavorSegment is a period with a constant number of instances that can be
// reserved.
type FlavorSegment struct {
	// Start of the period.
	Start LocalTime `json:"start"`
	// End of the period.
	//
	//schema:examples ["2026-07-29T08:36:00"]
	End LocalTime `json:"end"`
	// Number of instances that can be reserved.
	//
	//schema:examples [26]
	Available int `json:"available"`
	// Total number of instances.
	//
	//schema:examples [28]
	Total int `json:"total"`
}

// FreeFlavorList is how many instances of each flavor can be reserved now.
type FreeFlavorList struct {
	// Number of flavors.
	Total Total `json:"total"`
	// True if the data is simulated, for a demonstration; absent otherwise.
	Demonstration bool `json:"demonstration,omitzero"`
	// The flavors, ordered by the uids of site and flavor.
	Items []FreeFlavor `json:"items"`
}

// A FreeFlavor is how many instances of a flavor can be reserved now.
type FreeFlavor struct {
	// Uid of the flavor.
	//
	//schema:examples ["m1.large"]
	FlavorID UID `json:"flavor_id"`
	// Uid of its site.
	SiteID UID `json:"site_id"`
	// Number of instances that can be reserved now; null if the site does not tell.
	//
	//schema:examples [26]
	Available *int `json:"available"`
	// Total number of instances; null if the site does not tell.
	//
	//schema:examples [28]
	Total *int `json:"total"`
}
