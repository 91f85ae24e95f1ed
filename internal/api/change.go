package api

import (
	"strconv"
	"time"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Change is what happened to one resource with one commit.
type Change struct {
	Path     string // in the API, without a base: the resource may be gone
	Kind     string
	NodeType string // of a node that was added or removed, "" for none
	Before   string // state of the file, where that has to be told
	After    string
	Patch    []byte // of a resource that is readable before and after
	Old      []byte
}

// Counts says how many resources a commit added, removed and changed.
type Counts struct{ Added, Removed, Changed int }

// ChangeEntry is a commit in the list of changes.
func (a API) ChangeEntry(v Version, n Counts) []byte {
	var b rawjson.Builder
	b.BeginObject()
	v.commit(&b, v.Subject)
	for _, c := range []struct {
		key string
		n   int
	}{{"added", n.Added}, {"removed", n.Removed}, {"changed", n.Changed}} {
		b.Key(c.key)
		b.Int(c.n)
	}
	a.changeLinks(&b, v)
	b.EndObject()
	return b.Bytes()
}

// ChangeSet is all that happened with one commit. It names nothing but that
// commit, so that it never changes.
func (a API) ChangeSet(v Version, parents []string, added, removed, changed []Change) []byte {
	var b rawjson.Builder
	b.BeginObject()
	v.commit(&b, v.Message)
	b.Key("parents")
	b.BeginArray()
	for _, p := range parents {
		b.String(p)
	}
	b.EndArray()
	for _, list := range []struct {
		key string
		all []Change
	}{{"added", added}, {"removed", removed}, {"changed", changed}} {
		b.Key(list.key)
		b.BeginArray()
		for i := range list.all {
			list.all[i].write(&b)
		}
		b.EndArray()
	}
	a.changeLinks(&b, v)
	b.EndObject()
	return b.Bytes()
}

func (a API) changeLinks(b *rawjson.Builder, v Version) {
	args := []string{v.UID}
	a.links(b, link{"self", route.VersionChanges, args}, link{"parent", route.Changes, nil}, link{"version", route.VersionDetail, args})
}

// commit writes what the documents of changes say of a commit.
func (v Version) commit(b *rawjson.Builder, message string) {
	b.Key("commit")
	b.String(v.UID)
	b.Key("message")
	b.String(message)
	b.Key("timestamp")
	b.String(Timestamp(v.Committed))
	b.Key("author")
	b.String(v.Author)
	if v.Cut {
		b.Key("cut")
		b.Bool(true)
	}
}

// Timestamp is how the API writes the time of a commit where it calls it so:
// seconds since 1970, as text.
func Timestamp(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func (c *Change) write(b *rawjson.Builder) {
	b.BeginObject()
	for _, m := range []struct{ key, value string }{
		{"path", c.Path}, {"kind", c.Kind}, {"node_type", c.NodeType}, {"before", c.Before}, {"after", c.After},
	} {
		if m.value != "" {
			b.Key(m.key)
			b.String(m.value)
		}
	}
	difference(b, c.Patch, c.Old)
	b.EndObject()
}

func difference(b *rawjson.Builder, patch, old []byte) {
	if patch == nil {
		return
	}
	b.Key("patch")
	b.Raw(patch)
	b.Key("old")
	b.Raw(old)
}

// ItemVersion is an element of a resource's history: the version, as in the
// list of versions, and what the resource's file then was.
type ItemVersion struct {
	Entry    []byte
	State    string
	Patch    []byte // from the next older version that is present; nil for none
	Old      []byte
	Item     []byte // nil where it is not present
	WithItem bool   // the member is there, if need be null
}

// Body is the element.
func (v ItemVersion) Body() []byte {
	var b rawjson.Builder
	b.Grow(len(v.Entry) + len(v.Patch) + len(v.Old) + len(v.Item) + 64)
	b.BeginObject()
	b.Key("version")
	b.Raw(v.Entry)
	b.Key("state")
	b.String(v.State)
	difference(&b, v.Patch, v.Old)
	if v.WithItem {
		b.Key("item")
		b.Raw(v.Item)
	}
	b.EndObject()
	return b.Bytes()
}
