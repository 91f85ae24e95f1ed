package api

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// A ChangeEntry is a commit with the number of resources that it changed,
// relative to its first parent.
type ChangeEntry struct {
	Commit SHA `json:"commit"`
	// The first paragraph of the commit message, on one line.
	//
	//schema:pattern "^[^\\n]*$"
	//schema:examples ["Add the new GPU nodes"]
	Message string `json:"message"`
	// Committer time.
	Timestamp Timestamp `json:"timestamp"`
	// Name of the author.
	//
	//schema:examples ["Ada Lovelace"]
	Author string `json:"author"`
	// True where what the commit changed is not known, because the API was generated from a
	// shallow clone whose history starts here.
	Cut bool `json:"cut,omitzero"`
	// Number of resources added.
	//
	//schema:minimum 0
	Added int `json:"added"`
	// Number of resources removed.
	//
	//schema:minimum 0
	Removed int `json:"removed"`
	// Number of resources whose file changed.
	//
	//schema:minimum 0
	Changed int `json:"changed"`
	// Number of nodes that moved to another cluster or site, or have another uid. Each also
	// counts as added, and as removed with this commit or with an earlier one.
	//
	//schema:minimum 1
	Moved int `json:"moved,omitzero"`
	// Number of nodes that another machine with the same `node_name` replaced. Each also
	// counts as removed, and the other as added.
	//
	//schema:minimum 1
	Replaced int         `json:"replaced,omitzero"`
	Links    ChangeLinks `json:"links"`
}

// ChangeLinks are self (the document of the commit's changes), parent
// (`/changes`) and version (the commit).
//
//schema:minItems 3
//schema:examples [[{"rel":"self","href":"/versions/5da059049fb24a6d76435e52538ee1cb47a0545f/changes"},{"rel":"parent","href":"/changes"},{"rel":"version","href":"/versions/5da059049fb24a6d76435e52538ee1cb47a0545f"}]]
type ChangeLinks = []Link

// ChangeLinks returns the links of what a commit changed.
func (l Links) ChangeLinks(commit string) ChangeLinks {
	return ChangeLinks{
		l.link(RelSelf, route.VersionChanges, commit),
		l.link(RelParent, route.Changes),
		l.link(RelVersion, route.VersionDetail, commit),
	}
}

// A ChangeSet is what a commit changed relative to its first parent: for a merge,
// everything that the other parents brought in; for a commit without parents,
// everything that it has. It depends on that commit alone, so it never changes.
type ChangeSet struct {
	Commit SHA `json:"commit"`
	// The complete commit message, trimmed.
	//
	//schema:examples ["Add the new GPU nodes"]
	Message string `json:"message"`
	// Committer time.
	Timestamp Timestamp `json:"timestamp"`
	// Name of the author.
	//
	//schema:examples ["Ada Lovelace"]
	Author string `json:"author"`
	// True where what the commit changed is not known, because the API was generated from a
	// shallow clone whose history starts here.
	Cut bool `json:"cut,omitzero"`
	// Hashes of the parents, in the commit's order.
	Parents []SHA `json:"parents"`
	// Resources added.
	Added []AddedResource `json:"added"`
	// Resources removed.
	Removed []RemovedResource `json:"removed"`
	// Resources whose file changed.
	Changed []ChangedResource `json:"changed"`
	// Nodes that are in another cluster or at another site, or have another uid, since this
	// commit. `added` has them, and `removed` unless an earlier commit removed them.
	Moved []MovedNode `json:"moved,omitzero"`
	// Nodes in `removed` whose `node_name` another machine in `added` has, at the same site.
	Replaced []ReplacedNode `json:"replaced,omitzero"`
	Links    ChangeLinks    `json:"links"`
}

// MovedNode is a node that a commit moved to another path. The difference of its files is
// there where both can be read.
type MovedNode struct {
	From ResourcePath `json:"from"`
	To   ResourcePath `json:"to"`
	Difference
}

// ReplacedNode is a node that another machine with the same name replaced.
type ReplacedNode struct {
	From ResourcePath `json:"from"`
	To   ResourcePath `json:"to"`
	// The name of both.
	//
	//schema:examples ["c01-02"]
	NodeName string `json:"node_name"`
}

// AddedResource is a resource that a commit added.
type AddedResource struct {
	Path ResourcePath `json:"path"`
	Kind ResourceKind `json:"kind"`
	// Type of a node, if its file names one.
	//
	//schema:examples ["compute_skylake"]
	NodeType string `json:"node_type,omitzero"`
	// `absent`, only next to `after`.
	Before FileState `json:"before,omitzero"`
	// `unreadable`, only where the file cannot be read.
	After FileState `json:"after,omitzero"`
}

// RemovedResource is a resource that a commit removed.
type RemovedResource struct {
	Path ResourcePath `json:"path"`
	Kind ResourceKind `json:"kind"`
	// Type of a node, if its file named one.
	//
	//schema:examples ["compute_skylake"]
	NodeType string `json:"node_type,omitzero"`
	// `unreadable`, only where the file could not be read.
	Before FileState `json:"before,omitzero"`
	// `absent`, only next to `before`.
	After FileState `json:"after,omitzero"`
}

// ChangedResource is a resource whose file a commit changed. If the file is
// unreadable before or after, `before` and `after` are set instead of a patch.
type ChangedResource struct {
	Path ResourcePath `json:"path"`
	Kind ResourceKind `json:"kind"`
	// State of the file in the first parent: `present` or `unreadable`.
	Before FileState `json:"before,omitzero"`
	// State of the file in the commit: `present` or `unreadable`.
	After FileState `json:"after,omitzero"`
	Difference
}

// ResourcePath is the path of a resource in the API, without the prefix of the
// links. The resource may no longer exist.
//
//schema:pattern "^/([^/?#]+/)*[^/?#]*$"
//schema:examples ["/sites/uc/clusters/chameleon/nodes/04d91a7a-db07-4d15-8958-10127b145ac3"]
type ResourcePath = string

// ResourceKind is the kind of a resource.
type ResourceKind string

// The kinds of resources.
const (
	KindGrid    ResourceKind = "grid"
	KindSite    ResourceKind = "site"
	KindCluster ResourceKind = "cluster"
	KindNode    ResourceKind = "node"
	KindFlavor  ResourceKind = "flavor"
)

// FileState is the state of a file in a version: `unreadable` if it is not a
// valid JSON object.
type FileState string

// The states of a file.
const (
	FilePresent    FileState = "present"
	FileAbsent     FileState = "absent"
	FileUnreadable FileState = "unreadable"
)

// A Difference is what changed in a file. It has both of its members or neither.
//
//schema:dependentRequired {"patch":["old"],"old":["patch"]}
type Difference struct {
	Patch JSONPatch `json:"patch,omitzero"`
	//schema:examples [{"/main_memory/ram_size":137438953472}]
	Old OldValues `json:"old,omitzero"`
}

// JSONPatch turns the older file into the newer one (RFC 6902). Numbers are compared
// as written and the order of members is ignored, so a patch may be empty.
type JSONPatch []PatchOperation

// PatchOperation is one operation of a patch.
type PatchOperation struct {
	// The operation.
	Op PatchOperationName `json:"op"`
	// JSON Pointer to the value (RFC 6901).
	//
	//schema:pattern "^(/([^~/]|~[01])*)*$"
	//schema:examples ["/main_memory/ram_size"]
	Path string `json:"path"`
	// The new value; absent from `remove`.
	//
	//schema:examples [206158430208]
	Value rawjson.Value `json:"value,omitzero"`
}

// PatchOperationName is the kind of a patch operation.
type PatchOperationName string

// The operations of patches.
const (
	PatchAdd     PatchOperationName = "add"
	PatchRemove  PatchOperationName = "remove"
	PatchReplace PatchOperationName = "replace"
)

// OldValues are the older file's values at the pointers of the patch's `remove`
// and `replace` operations.
//
//schema:type object
//schema:additionalProperties true
type OldValues []OldValue

// OldValue is a value of the older file.
type OldValue struct {
	Pointer string
	Value   rawjson.Value
}

// MarshalJSONTo implements json.MarshalerTo: an object with the pointers as
// names. A map would lose the order of the patch.
func (values OldValues) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, v := range values {
		if err := enc.WriteToken(jsontext.String(v.Pointer)); err != nil {
			return err
		}
		if err := enc.WriteValue(v.Value); err != nil {
			return err
		}
	}

	return enc.WriteToken(jsontext.EndObject)
}

// FileVersion is a version of a resource's file.
type FileVersion struct {
	Version VersionEntry `json:"version"`
	State   FileState    `json:"state"`
	// From the next older version that is present; absent without one, and where the
	// version is not present itself.
	Difference
	// Where the node was before: with this version its file came from another path, maybe some
	// time after it was removed there. What it was there is in that path's history, which
	// `links` has.
	MovedFrom *OtherPath `json:"moved_from,omitzero"`
	// Where the node is since this version.
	MovedTo *OtherPath `json:"moved_to,omitzero"`
	// The node that had this one's `node_name` until this version: another machine.
	Replaces *OtherPath `json:"replaces,omitzero"`
	// The node that has this one's `node_name` since this version: another machine.
	ReplacedBy *OtherPath `json:"replaced_by,omitzero"`
	// The history of the other path, where there is one; `rel` is the member that names it.
	//
	//schema:minItems 1
	//schema:maxItems 1
	Links []Link `json:"links,omitzero"`
}

// OtherPath is the other end of a move.
type OtherPath struct {
	Path ResourcePath `json:"path"`
	// From the file at that path, only in `moved_from`, and where both can be read.
	Difference
}

// FileHistory has the versions of a site or cluster, newest first, as in its
// list of versions, with what each changed in the resource's own file. A version
// that touched only files below it has an empty patch.
type FileHistory struct {
	historyMembers
	// The content of the newest version that is present; null if none is. Undoing the
	// patch of a version that is present gives the content of the next older one.
	File fileObject `json:"file"`
}

// NodeHistory has the versions of a node, newest first, as in its list of
// versions, with what each changed in its file.
type NodeHistory struct {
	historyMembers
	// The content of the newest version that is present; null if none is. Undoing the
	// patch of a version that is present gives the content of the next older one.
	//
	//schema:ref NodeFile or null
	File rawjson.Value `json:"file"`
}

// FlavorHistory has the versions of a flavor, newest first, as in its list of
// versions, with what each changed in its file.
type FlavorHistory struct {
	historyMembers
	// The content of the newest version that is present; null if none is. Undoing the
	// patch of a version that is present gives the content of the next older one.
	//
	//schema:ref FlavorFile or null
	File rawjson.Value `json:"file"`
}

// historyMembers are the members that histories of all kinds have.
type historyMembers struct {
	Total  Total  `json:"total"`
	Offset Offset `json:"offset"`
	// The versions, newest first.
	Items []FileVersion `json:"items"`
	// The newest version, and not the commit that is served: a history changes only
	// with its resource. null for a resource that is in no commit yet.
	Version *SHA            `json:"version"`
	Links   CollectionLinks `json:"links"`
}

// NewHistory returns the body of a resource's history: all versions, and the file of
// the newest one that is present. It is that of all kinds of resources: they differ
// only in what is known of their files.
func NewHistory(links []Link, versions []FileVersion, file rawjson.Value) FileHistory {
	h := FileHistory{File: file}
	h.Total, h.Items, h.Links = len(versions), versions, links
	if len(versions) > 0 {
		h.Version = &versions[0].Version.UID
	}
	return h
}
