package api

import (
	"time"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// DateForm is how versions write dates, as HTTP does (RFC 9110, section
// 5.6.7). Times must be in UTC.
const DateForm = "Mon, 02 Jan 2006 15:04:05 GMT"

// Version is one commit, as the API shows it.
type Version struct {
	UID       string // full hash
	Subject   string // for lists
	Message   string // for details
	Author    string
	Authored  time.Time // for lists
	Committed time.Time // for details
	Cut       bool      // what it changed is not known
}

// members writes what list entries and details have in common.
func (v Version) members(b *rawjson.Builder, message string, date time.Time) {
	b.Key("uid")
	b.String(v.UID)
	b.Key("message")
	b.String(message)
	b.Key("date")
	b.String(date.UTC().Format(DateForm))
	b.Key("author")
	b.String(v.Author)
	b.Key("type")
	b.String("version")
}

// Entry is a version as an element of the list of a resource's versions. Its
// parent is the resource: the parent of detail's row.
func (a API) Entry(v Version, detail, parent route.ID, args ...string) []byte {
	var b rawjson.Builder
	b.BeginObject()
	v.members(&b, v.Subject, v.Authored)
	a.links(&b, link{"self", detail, append(args[:len(args):len(args)], v.UID)}, link{"parent", parent, args})
	b.EndObject()
	return b.Bytes()
}

// Detail is one version of a resource. The last argument of args is the id
// that was asked for, which may be newer than the version itself.
func (a API) Detail(v Version, id route.ID, args ...string) []byte {
	var b rawjson.Builder
	b.BeginObject()
	v.members(&b, v.Message, v.Committed)
	a.links(&b, link{"self", id, args}, a.parent(id.Get(), args))
	b.EndObject()
	return b.Bytes()
}

// BareDetail is one version of the whole testbed, which has no links.
func BareDetail(v Version) []byte {
	var b rawjson.Builder
	b.BeginObject()
	v.members(&b, v.Message, v.Committed)
	b.EndObject()
	return b.Bytes()
}

// History is the body of "/versions". It is no collection, and never sliced.
func (a API) History(entries [][]byte) []byte {
	var b rawjson.Builder
	b.BeginObject()
	b.Key("versions")
	b.BeginArray()
	for _, e := range entries {
		b.Raw(e)
	}
	b.EndArray()
	a.version(&b)
	a.links(&b, link{"self", route.Versions, nil}, link{"parent", route.Root, nil})
	b.EndObject()
	return b.Bytes()
}
