package api

import (
	"github.com/chameleoncloud/refapi/internal/route"
)

// A TestbedVersion is a version of the testbed: a commit.
type TestbedVersion struct {
	UID SHA `json:"uid"`
	// The complete commit message, trimmed.
	//
	//schema:examples ["Add the new GPU nodes"]
	Message string `json:"message"`
	// Committer time.
	Date Date `json:"date"`
	// Name of the author.
	//
	//schema:examples ["Ada Lovelace"]
	Author string `json:"author"`
	// Always `version`.
	Type VersionType `json:"type"`
}

// VersionType marks a version.
type VersionType string

// TypeVersion is the type of all versions.
const TypeVersion VersionType = "version"

// ResourceVersion is a version of a resource: a commit that touched its files. The
// hash of the served commit is an alias for the newest one, so `uid` may differ
// from the hash in the URL.
type ResourceVersion struct {
	TestbedVersion
	// self (the requested URL) and parent (the resource).
	//
	//schema:minItems 2
	//schema:examples [[{"rel":"self","href":"/sites/uc/versions/5da059049fb24a6d76435e52538ee1cb47a0545f"},{"rel":"parent","href":"/sites/uc"}]]
	Links []Link `json:"links"`
}

// LinkedVersion returns a version of a resource. The last of args is the
// requested id, which may be newer than the version itself.
func (l Links) LinkedVersion(v TestbedVersion, id route.ID, args ...string) ResourceVersion {
	return ResourceVersion{TestbedVersion: v, Links: l.SelfAndParent(id, args...)}
}

// VersionEntry is a version in a list of versions.
type VersionEntry struct {
	UID SHA `json:"uid"`
	// Subject of the commit message: its first paragraph, on one line.
	//
	//schema:pattern "^[^\\n]*$"
	//schema:examples ["Add the new GPU nodes"]
	Message string `json:"message"`
	// Author time.
	Date Date `json:"date"`
	// Name of the author.
	//
	//schema:examples ["Ada Lovelace"]
	Author string `json:"author"`
	// Always `version`.
	Type VersionType `json:"type"`
	// self and parent (the resource).
	//
	//schema:minItems 2
	//schema:examples [[{"rel":"self","href":"/versions/5da059049fb24a6d76435e52538ee1cb47a0545f"},{"rel":"parent","href":"/"}]]
	Links []Link `json:"links"`
}

// VersionLinks returns the links of an entry in a resource's list of versions.
func (l Links) VersionLinks(uid string, detail, resource route.ID, args ...string) []Link {
	return []Link{
		l.link(RelSelf, detail, append(args[:len(args):len(args)], uid)...),
		l.link(RelParent, resource, args...),
	}
}

// VersionHistory is the complete history of the served commit, in the order of `git
// log`. It is never sliced: `offset` and `limit` are ignored.
type VersionHistory struct {
	// The versions, newest first.
	//
	//schema:minItems 1
	Versions []VersionEntry `json:"versions"`
	// The commit that is served.
	Version SHA             `json:"version"`
	Links   CollectionLinks `json:"links"`
}

// History returns the body of "/versions".
func (l Links) History(entries []VersionEntry) VersionHistory {
	return VersionHistory{Versions: entries, Version: l.Version, Links: l.SelfAndParent(route.Versions)}
}
