package api

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// A ChangeEntry is a commit, and how much it changed. A merge counts all that
// differs from its first parent.
type ChangeEntry struct {
	Commit SHA `json:"commit"`
	// The first paragraph of the commit message, on one line.
	//
	//schema:pattern "^[^\\n]*$"
	Message string `json:"message"`
	// Committer time.
	Timestamp Timestamp `json:"timestamp"`
	// Name of the author.
	Author string `json:"author"`
	// What the commit changed is not known: the API was made from a shallow clone,
	// which ends here.
	//
	//schema:const true
	Cut bool `json:"cut,omitzero"`
	// How many resources are new.
	//
	//schema:minimum 0
	Added int `json:"added"`
	// How many resources are gone.
	//
	//schema:minimum 0
	Removed int `json:"removed"`
	// How many resources have another file.
	//
	//schema:minimum 0
	Changed int         `json:"changed"`
	Links   ChangeLinks `json:"links"`
}

// ChangeLinks are self (the document of the commit's changes), parent
// (`/changes`) and version (the commit).
//
//schema:minItems 3
//schema:maxItems 3
type ChangeLinks = []Link

// ChangeLinks are the links of what a commit changed.
func (l Links) ChangeLinks(commit string) ChangeLinks {
	return ChangeLinks{
		l.link(RelSelf, route.VersionChanges, commit),
		l.link(RelParent, route.Changes),
		l.link(RelVersion, route.VersionDetail, commit),
	}
}

// A ChangeSet is what a commit changed: the difference from its first parent,
// which of a merge is all that the other parents brought, and of a commit without
// parents everything that it has. It names nothing but that commit, so that it
// never changes.
type ChangeSet struct {
	Commit SHA `json:"commit"`
	// The whole commit message, trimmed.
	Message string `json:"message"`
	// Committer time.
	Timestamp Timestamp `json:"timestamp"`
	// Name of the author.
	Author string `json:"author"`
	// What the commit changed is not known: the API was made from a shallow clone,
	// which ends here.
	//
	//schema:const true
	Cut bool `json:"cut,omitzero"`
	// The parents, the first one first.
	Parents []SHA `json:"parents"`
	// Resources that are new.
	Added []AddedResource `json:"added"`
	// Resources that are gone.
	Removed []RemovedResource `json:"removed"`
	// Resources that have another file.
	Changed []ChangedResource `json:"changed"`
	Links   ChangeLinks       `json:"links"`
}

// AddedResource is a resource that a commit added.
type AddedResource struct {
	Path ResourcePath `json:"path"`
	Kind ResourceKind `json:"kind"`
	// Type of a node, if its file names one.
	NodeType string `json:"node_type,omitzero"`
	// Only next to `after`.
	//
	//schema:const "absent"
	Before FileState `json:"before,omitzero"`
	// Only where the file cannot be read.
	//
	//schema:const "unreadable"
	After FileState `json:"after,omitzero"`
}

// RemovedResource is a resource that a commit removed.
type RemovedResource struct {
	Path ResourcePath `json:"path"`
	Kind ResourceKind `json:"kind"`
	// Type of a node, if its file named one.
	NodeType string `json:"node_type,omitzero"`
	// Only where the file could not be read.
	//
	//schema:const "unreadable"
	Before FileState `json:"before,omitzero"`
	// Only next to `before`.
	//
	//schema:const "absent"
	After FileState `json:"after,omitzero"`
}

// ChangedResource is a resource whose file a commit changed. Where the file
// cannot be read before or after, there is no patch, and `before` and `after`
// say so.
type ChangedResource struct {
	Path ResourcePath `json:"path"`
	Kind ResourceKind `json:"kind"`
	// What the first parent has.
	//
	//schema:enum ["present","unreadable"]
	Before FileState `json:"before,omitzero"`
	// What the commit has.
	//
	//schema:enum ["present","unreadable"]
	After FileState `json:"after,omitzero"`
	Difference
}

// ResourcePath is the path of a resource in the API, whatever the links start
// with. The resource may be gone.
//
//schema:pattern "^/([^/?#]+/)*[^/?#]*$"
type ResourcePath = string

// ResourceKind is what a resource is.
type ResourceKind string

// The kinds of resources.
const (
	KindGrid    ResourceKind = "grid"
	KindSite    ResourceKind = "site"
	KindCluster ResourceKind = "cluster"
	KindNode    ResourceKind = "node"
	KindFlavor  ResourceKind = "flavor"
)

// FileState is whether a version has the file, and whether it is a JSON object
// that the API can show.
type FileState string

// The states of a file.
const (
	FilePresent    FileState = "present"
	FileAbsent     FileState = "absent"
	FileUnreadable FileState = "unreadable"
)

// A Difference is how a file became another: both of its members are there, or
// none.
//
//schema:dependentRequired {"patch":["old"],"old":["patch"]}
type Difference struct {
	Patch Patch     `json:"patch,omitzero"`
	Old   OldValues `json:"old,omitzero"`
}

// Patch is what makes the newer file of the older one (RFC 6902). Numbers are
// compared as they are written; the order of members does not count, so a patch
// may be empty.
type Patch []PatchOperation

// PatchOperation is one operation of a patch.
type PatchOperation struct {
	// What to do.
	Op PatchOp `json:"op"`
	// Where (RFC 6901).
	//
	//schema:pattern "^(/([^~/]|~[01])*)*$"
	Path string `json:"path"`
	// What to put there; not when something is removed.
	Value rawjson.Value `json:"value,omitzero"`
}

// PatchOp is what an operation of a patch does.
type PatchOp string

// The operations of patches.
const (
	PatchAdd     PatchOp = "add"
	PatchRemove  PatchOp = "remove"
	PatchReplace PatchOp = "replace"
)

// OldValues are what the older file has at the pointers of the patch's `remove`
// and `replace` operations.
//
//schema:type "object"
//schema:additionalProperties true
type OldValues []OldValue

// OldValue is a value of the older file.
type OldValue struct {
	Pointer string
	Value   rawjson.Value
}

// MarshalJSONTo implements json.MarshalerTo: an object with the pointers as
// names, in the order of the patch.
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
	// The difference from the next older version that is present, where there is one.
	Difference
}

// ItemVersion is a version of a resource's file, with its content.
type ItemVersion struct {
	FileVersion
	// The file's members, unchanged; null where it is not present.
	//
	//schema:type ["object","null"]
	Item rawjson.Value `json:"item"`
}
