package api

import "github.com/chameleoncloud/refapi/internal/route"

// NodeTypeCollection has the types of nodes, sorted by name.
type NodeTypeCollection = Collection[NodeTypeEntry]

// A NodeTypeEntry is a type of nodes in the list of them.
type NodeTypeEntry struct {
	NodeTypeCounts
	Links CollectionLinks `json:"links"`
}

// NodeTypeCounts is what a type of nodes is, and where how many of them are.
type NodeTypeCounts struct {
	// Name of the type, as in the nodes' files.
	//
	//schema:minLength 1
	//schema:examples ["compute_skylake"]
	NodeType string `json:"node_type"`
	// What the repository says of it, in Markdown; null for nothing.
	//
	//schema:examples ["For MPI and other work on many cores."]
	Description *string `json:"description"`
	// Number of nodes of the type.
	//
	//schema:minimum 1
	Nodes int `json:"nodes"`
	// How many of them are hosts of virtual machines, leased by flavor.
	//
	//schema:minimum 0
	ByFlavor int `json:"by_flavor"`
	// The sites that have such nodes, ordered by uid.
	//
	//schema:minItems 1
	Sites []NodeTypeSite `json:"sites"`
}

// A NodeTypeSite is a site that has nodes of a type.
type NodeTypeSite struct {
	// Uid of the site.
	SiteID UID `json:"site_id"`
	// Number of nodes of the type.
	//
	//schema:minimum 1
	Nodes int `json:"nodes"`
}

// A NodeType is a type of nodes: what they have in common, and in what some differ.
type NodeType struct {
	NodeTypeCounts
	// The properties of the most common hardware, by the names of columns of `/nodes.csv`; null
	// for what the files do not state.
	//
	//schema:examples [{"arch":"x86_64","cores":48,"gpu":false}]
	Hardware map[string]any `json:"hardware"`
	// The nodes by their hardware: those with the most common one first, then the largest group.
	// The hardware of nodes of a variant is identical but for serial numbers, addresses, firmware
	// and the like.
	//
	//schema:minItems 1
	Variants []NodeTypeVariant `json:"variants"`
	// The commit that is served.
	Version SHA `json:"version"`
	// self, parent, and, where there are hosts of virtual machines, the flavors that lease them.
	//
	//schema:minItems 2
	//schema:examples [[{"rel":"self","href":"/node_types/compute_skylake"},{"rel":"parent","href":"/node_types"}]]
	Links []Link `json:"links"`
}

// A NodeTypeVariant is nodes of a type with identical hardware.
type NodeTypeVariant struct {
	// Members of the nodes' files in which it differs from the most common hardware. Empty for
	// that.
	//
	//schema:examples [["gpu","storage_devices"]]
	DiffersIn []string `json:"differs_in"`
	// The properties that differ from `hardware`, as there. A difference may be in none of them.
	//
	//schema:examples [{"storage_devices":3}]
	Hardware map[string]any `json:"hardware"`
	// The nodes, ordered by the uids of site, cluster and node.
	//
	//schema:minItems 1
	Nodes []NodeTypeNode `json:"nodes"`
}

// A NodeTypeNode is a node in a variant of its type.
type NodeTypeNode struct {
	// Uid of the node.
	//
	//schema:examples ["04d91a7a-db07-4d15-8958-10127b145ac3"]
	NodeID UID `json:"node_id"`
	// Human-readable name; null if its file has none.
	//
	//schema:examples ["P3-CPU-001"]
	NodeName *string `json:"node_name"`
	// Uid of the node's site.
	SiteID UID `json:"site_id"`
	// Uid of the node's cluster.
	//
	//schema:examples ["chameleon"]
	ClusterID UID `json:"cluster_id"`
}

// Flavors is a link to the flavors of a site.
func (l Links) Flavors(site string) Link { return l.link(RelFlavors, route.Flavors, site) }
