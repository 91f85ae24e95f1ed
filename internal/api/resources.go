package api

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Testbed is the testbed: the members of its file, in the file's order, then those
// that the API adds.
type Testbed struct {
	// The file's own members.
	//
	//schema:members GridMembers
	File rawjson.Value `json:",embed"`
	// The commit that is served.
	Version SHA `json:"version"`
	// Committer time of that commit.
	Timestamp Timestamp `json:"timestamp"`
	// sites, self, parent (also `/`) and versions.
	//
	//schema:minItems 4
	//schema:examples [[{"rel":"sites","href":"/sites"},{"rel":"self","href":"/"},{"rel":"parent","href":"/"},{"rel":"versions","href":"/versions"}]]
	Links []Link `json:"links"`
}

// Grid returns the body of "/".
func (l Links) Grid(file rawjson.Object, committed time.Time) Testbed {
	return Testbed{
		File:      file.Without("version", "timestamp", "links"),
		Version:   l.Version,
		Timestamp: NewTimestamp(committed),
		Links: []Link{
			l.link(RelSites, route.Sites), l.link(RelSelf, route.Root),
			l.link(RelParent, route.Root), l.link(RelVersions, route.Versions),
		},
	}
}

// MarshalJSONTo implements json.MarshalerTo: the file's members come first.
func (g Testbed) MarshalJSONTo(enc *jsontext.Encoder) error {
	type members Testbed
	own := members(g)
	own.File = nil
	return enc.WriteValue(rawjson.Join(g.File, Encode(own)))
}

// FileMembers are members that a file of any kind of resource may have.
type FileMembers struct {
	// Kind of the resource, as in its file.
	Type fileText `json:"type,omitzero"`
}

// GridMembers are members that the grid's file may have.
type GridMembers struct {
	//schema:examples ["chameleon"]
	UID UID `json:"uid"`
	FileMembers
}

// A Site is a place that runs a part of the testbed. The members declared here
// come first, in this order, and are null where the site's file lacks them; the
// file's other members follow, unchanged. A value has the type that it
// has in the file: what is usually a number may be a string.
type Site struct {
	// Name of the resource, as in its URL.
	//
	//schema:ref UID
	UID rawjson.Value `json:"uid"`
	// Human-readable name.
	//
	//schema:examples ["University of Chicago"]
	Name fileText `json:"name"`
	// Description of the site, in one line.
	//
	//schema:examples ["Bare metal and GPUs"]
	Description fileText `json:"description"`
	// Email address for questions.
	//
	//schema:examples ["help@example.org"]
	EmailContact fileText `json:"email_contact"`
	// Degrees north of the equator (WGS 84); south is negative.
	//
	//schema:examples [41.8]
	Latitude fileNumber `json:"latitude"`
	// Degrees east of Greenwich (WGS 84); west is negative.
	//
	//schema:examples [-87.6]
	Longitude fileNumber `json:"longitude"`
	// City, region and country.
	//
	//schema:examples ["Chicago, Illinois, USA"]
	Location fileText `json:"location"`
	// Email address for security matters.
	//
	//schema:examples ["security@example.org"]
	SecurityContact fileText `json:"security_contact"`
	// What the site offers: `baremetal`, `kvm`, `edge`.
	//
	//schema:examples ["baremetal"]
	SiteClass fileText `json:"site_class"`
	// Email address of the operators.
	//
	//schema:examples ["admin@example.org"]
	SysAdminContact fileText `json:"sys_admin_contact"`
	// Email address of user support.
	//
	//schema:examples ["support@example.org"]
	UserSupportContact fileText `json:"user_support_contact"`
	// URL of the site's own pages.
	//
	//schema:examples ["https://uc.example.org"]
	Web fileText `json:"web"`
	// The commit that is served.
	Version SHA `json:"version"`
	// self, parent (`/`), clusters, flavors, versions and version.
	//
	//schema:minItems 6
	//schema:examples [[{"rel":"self","href":"/sites/uc"},{"rel":"parent","href":"/"},{"rel":"clusters","href":"/sites/uc/clusters"},{"rel":"flavors","href":"/sites/uc/flavors"},{"rel":"versions","href":"/sites/uc/versions"},{"rel":"version","href":"/sites/uc/versions/5da059049fb24a6d76435e52538ee1cb47a0545f"}]]
	Links []Link `json:"links"`
	// The file's other members.
	//
	//schema:members FileMembers
	File rawjson.Value `json:",embed"`
}

// Site returns a site's body.
func (l Links) Site(file rawjson.Object, args ...string) (s Site) {
	decodeFile(file, &s)
	s.Version, s.Links = l.Version, l.item(route.Site, args)
	return s
}

// A Cluster is a group of a site's nodes. The members declared here come first,
// in this order, and are null where the cluster's file lacks them; the file's
// other members follow, unchanged.
type Cluster struct {
	// Name of the resource, as in its URL.
	//
	//schema:ref UID
	//schema:examples ["chameleon"]
	UID rawjson.Value `json:"uid"`
	// When the cluster was set up, usually in the form `Mon, 15 Jun 2015 16:00:00 GMT`.
	//
	//schema:examples ["Mon, 15 Jun 2015 16:00:00 GMT"]
	CreatedAt fileText `json:"created_at"`
	// Names of the queues that accept jobs; `admin` and
	// `default` if the file names none.
	//
	//schema:type array
	//schema:items {"type":"string"}
	//schema:examples [["admin","default"]]
	Queues rawjson.Value `json:"queues"`
	// The commit that is served.
	Version SHA `json:"version"`
	// self, parent (the site), nodes, versions and version.
	//
	//schema:minItems 5
	//schema:examples [[{"rel":"self","href":"/sites/uc/clusters/chameleon"},{"rel":"parent","href":"/sites/uc"},{"rel":"nodes","href":"/sites/uc/clusters/chameleon/nodes"},{"rel":"versions","href":"/sites/uc/clusters/chameleon/versions"},{"rel":"version","href":"/sites/uc/clusters/chameleon/versions/5da059049fb24a6d76435e52538ee1cb47a0545f"}]]
	Links []Link `json:"links"`
	// The file's other members.
	//
	//schema:members FileMembers
	File rawjson.Value `json:",embed"`
}

// Cluster returns a cluster's body.
func (l Links) Cluster(file rawjson.Object, args ...string) (c Cluster) {
	decodeFile(file, &c)
	switch string(c.Queues) {
	case "", "null", "[]":
		c.Queues = rawjson.Value(`["admin","default"]`)
	}
	c.Version, c.Links = l.Version, l.item(route.Cluster, args)
	return c
}

// A ClusterNode is one machine. The first five members come in this order and are null
// where the node's file lacks them; the file's other members follow, unchanged.
// Members that most files have are described here; none of them is guaranteed.
type ClusterNode struct {
	// Name of the resource, as in its URL.
	//
	//schema:ref UID
	//schema:examples ["04d91a7a-db07-4d15-8958-10127b145ac3"]
	UID rawjson.Value `json:"uid"`
	// Human-readable name.
	//
	//schema:examples ["nc01"]
	NodeName fileText `json:"node_name"`
	// Type of machine: nodes of one type have similar hardware.
	//
	//schema:examples ["compute_skylake"]
	NodeType fileText `json:"node_type"`
	// The commit that is served.
	Version SHA `json:"version"`
	// self, parent (the cluster), versions and version.
	//
	//schema:minItems 4
	//schema:examples [[{"rel":"self","href":"/sites/uc/clusters/chameleon/nodes/04d91a7a-db07-4d15-8958-10127b145ac3"},{"rel":"parent","href":"/sites/uc/clusters/chameleon"},{"rel":"versions","href":"/sites/uc/clusters/chameleon/nodes/04d91a7a-db07-4d15-8958-10127b145ac3/versions"},{"rel":"version","href":"/sites/uc/clusters/chameleon/nodes/04d91a7a-db07-4d15-8958-10127b145ac3/versions/5da059049fb24a6d76435e52538ee1cb47a0545f"}]]
	Links []Link `json:"links"`
	// The file's other members.
	//
	//schema:members FileMembers
	//schema:allOf NodeHardware
	File rawjson.Value `json:",embed"`
}

// Node returns a node's body.
func (l Links) Node(file rawjson.Object, args ...string) (n ClusterNode) {
	decodeFile(file, &n)
	n.Version, n.Links = l.Version, l.item(route.Node, args)
	return n
}

// NodeMembers are members of nodes' files that a list of nodes does not declare.
type NodeMembers struct {
	// Human-readable name.
	NodeName string `json:"node_name,omitzero"`
	FileMembers
}

// A Flavor is one size of virtual machine that a site offers. The members
// declared here come first, in this order, and are null where the flavor's file
// lacks them; the file's other members follow, unchanged. A value has the type
// that it has in the file: what is usually a number may be a string.
type Flavor struct {
	// Name of the flavor in Nova.
	//
	//schema:ref UID
	//schema:examples ["m1.large"]
	UID rawjson.Value `json:"uid"`
	// Human-readable name.
	//
	//schema:examples ["m1.large"]
	Name fileText `json:"name"`
	// Virtual processors.
	//
	//schema:examples [4]
	VCPUs fileInteger `json:"vcpus"`
	// Memory, in bytes.
	//
	//schema:x-unit "bytes"
	//schema:examples [8589934592]
	RAMSize fileInteger `json:"ram_size"`
	// Memory, human-readable: `8 GiB`.
	//
	//schema:examples ["8 GiB"]
	HumanizedRAMSize fileText `json:"humanized_ram_size"`
	// Disk, in bytes.
	//
	//schema:x-unit "bytes"
	//schema:examples [80000000000]
	DiskSize fileInteger `json:"disk_size"`
	// Disk, human-readable: `80 GB`.
	//
	//schema:examples ["80 GB"]
	HumanizedDiskSize fileText `json:"humanized_disk_size"`
	// Graphics processors.
	//
	//schema:ref FlavorGpu or null
	//schema:examples [{"gpu":false}]
	GPU fileObject `json:"gpu"`
	// The flavor's extra specs in Nova.
	//
	//schema:examples [{"hw:cpu_policy":"dedicated"}]
	OpenStackProperties fileObject `json:"openstack_properties"`
	// Cost of an hour in service units; null if unknown.
	//
	//schema:examples [0.25]
	SUCostPerHour fileNumber `json:"su_cost_per_hour"`
	// The commit that is served.
	Version SHA `json:"version"`
	// self, parent (the site), versions and version.
	//
	//schema:minItems 4
	//schema:examples [[{"rel":"self","href":"/sites/uc/flavors/m1.large"},{"rel":"parent","href":"/sites/uc"},{"rel":"versions","href":"/sites/uc/flavors/m1.large/versions"},{"rel":"version","href":"/sites/uc/flavors/m1.large/versions/5da059049fb24a6d76435e52538ee1cb47a0545f"}]]
	Links []Link `json:"links"`
	// The file's other members.
	//
	//schema:members FileMembers
	File rawjson.Value `json:",embed"`
}

// Flavor returns a flavor's body.
func (l Links) Flavor(file rawjson.Object, args ...string) (f Flavor) {
	decodeFile(file, &f)
	f.Version, f.Links = l.Version, l.item(route.Flavor, args)
	return f
}

// NodeEntry is a node in the list of all nodes: as in a search, but without its
// availability. The declared members come first; the other members of
// the node's file follow, as in ClusterNode, but neither version nor links.
type NodeEntry struct {
	// Name of the resource, as in its URL.
	//
	//schema:ref UID
	//schema:examples ["04d91a7a-db07-4d15-8958-10127b145ac3"]
	UID rawjson.Value `json:"uid"`
	// Type of machine: nodes of one type have similar hardware.
	//
	//schema:examples ["compute_skylake"]
	NodeType fileText `json:"node_type"`
	// Uid of the node's site.
	SiteID UID `json:"site_id"`
	// Uid of the node's cluster.
	//
	//schema:examples ["chameleon"]
	ClusterID UID `json:"cluster_id"`
	// The file's other members.
	//
	//schema:members NodeMembers
	//schema:allOf NodeHardware
	File rawjson.Value `json:",embed"`
}

// NewNodeEntry returns a node's entry, from its file.
func NewNodeEntry(site, cluster string, file rawjson.Object) (n NodeEntry) {
	decodeFile(file, &n, "site_id", "cluster_id", "availability", "availability_until")
	n.SiteID, n.ClusterID = site, cluster
	return n
}

// FlavorEntry is a flavor with its site, then the other members of the flavor's
// file, but neither version nor links.
type FlavorEntry struct {
	// Name of the flavor in Nova.
	//
	//schema:ref UID
	//schema:examples ["m1.large"]
	UID rawjson.Value `json:"uid"`
	// Uid of the flavor's site.
	SiteID UID `json:"site_id"`
	// The file's other members.
	//
	//schema:members FileMembers
	//schema:allOf FlavorProperties
	File rawjson.Value `json:",embed"`
}

// NewFlavorEntry returns a flavor's entry, from its file.
func NewFlavorEntry(site string, file rawjson.Object) (f FlavorEntry) {
	decodeFile(file, &f, "site_id")
	f.SiteID = site
	return f
}
