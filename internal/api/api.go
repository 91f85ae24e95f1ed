// Package api defines the wire format of the API: every body is a value of one
// of its types, encoded where it is written or sent.
//
// The schemas of the OpenAPI document are generated from the same types, one
// component each, by this rule:
//
//   - a doc comment is the description;
//   - a member is required unless its tag says omitzero, and may be null where it
//     is a pointer;
//   - an alias, and a string without a list of constants, is written where it is used;
//   - the constants of a type are its known values, and its only ones in a request;
//   - an object may have members that are not declared, except in a request; a field
//     with the tag `json:",embed"` holds those of a file;
//   - a line //schema:KEYWORD VALUE in a doc comment is a keyword of JSON Schema
//     and its value, for what Go's types cannot express; //schema:type TYPE and
//     //schema:ref TYPE declare the type of a raw value, which may be null with " or
//     null" after it, //schema:members TYPE the members that a file usually has, and
//     //schema:allOf TYPE those of a schema of files.
package api

import (
	"bytes"
	"embed"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Source is the package's own source: its types and their doc comments.
//
//go:embed *.go
var Source embed.FS

// Encode returns one of the package's values as compact JSON. Values of files
// keep their text.
func Encode(value any) []byte {
	text, err := json.Marshal(value, encoding()...)
	return must(text, err)
}

// EncodeSized is Encode for a long text, of about this size.
func EncodeSized(value any, size int) []byte {
	var out bytes.Buffer
	out.Grow(size)
	err := json.MarshalWrite(&out, value, encoding()...)
	return must(out.Bytes(), err)
}

// Later is a value that is made when it is encoded, of about Size bytes.
type Later struct {
	Size int
	Make func() any
}

// MarshalJSONTo implements [json.MarshalerTo].
func (l Later) MarshalJSONTo(out *jsontext.Encoder) error { return json.MarshalEncode(out, l.Make()) }

func encoding() []json.Options {
	return []json.Options{
		json.Deterministic(true),
		jsontext.PreserveRawStrings(true),
		jsontext.AllowInvalidUTF8(true),    // authors and messages of commits; written as U+FFFD
		jsontext.AllowDuplicateNames(true), // saves the search for them: files were checked when read
	}
}

// must panics for an error: only a raw value that is not valid JSON fails. Those of
// files were parsed, and those that the program makes are valid.
func must(text []byte, err error) []byte {
	if err != nil {
		panic("api: " + err.Error())
	}
	return text
}

// Decode reads a JSON text into one of the package's values.
func Decode(text []byte, into any) error {
	return json.Unmarshal(text, into, jsontext.AllowDuplicateNames(true))
}

// decodeFile reads the members of a file into a type whose fields are raw values,
// except those that the API itself sets.
func decodeFile(file rawjson.Object, into any, own ...string) {
	// Cannot fail: a file is a JSON object, and raw values accept everything.
	if err := Decode(file.Without(append(own, "version", "links")...), into); err != nil {
		panic("api: " + err.Error())
	}
}

// Links makes the links of one release's bodies.
type Links struct {
	// Version is the full hash of the commit that is served.
	Version string
	// Base precedes every link: nothing, a path prefix such as "/ref", or a URL
	// such as "https://api.example.org/ref". It has no trailing slash.
	Base string
	// Suffix follows the paths of resources; see [route.Link].
	Suffix string
	// Record is called with each link that is made, unless it is nil. A build
	// checks with it that they all work.
	Record func(href string)
}

// Href returns the link to a resource.
func (l Links) Href(id route.ID, args ...string) string {
	return l.href(route.Link(id, l.Suffix, args...))
}

func (l Links) href(path string) string {
	href := l.Base + path
	if l.Record != nil {
		l.Record(href)
	}
	return href
}

func (l Links) link(rel LinkRelation, to route.ID, args ...string) Link {
	return Link{Rel: rel, Href: l.Href(to, args...)}
}

// SelfAndParent returns the links of a document to itself and to its parent.
func (l Links) SelfAndParent(id route.ID, args ...string) []Link {
	parent := id.Get().Parent
	return []Link{
		l.link(RelSelf, id, args...),
		l.link(RelParent, parent, args[:len(parent.Get().Params())]...),
	}
}

// FormerHistory returns the links of the history of what is not there any more.
func (l Links) FormerHistory(id route.ID, args ...string) []Link {
	return []Link{l.link(RelSelf, id, args...), l.link(RelParent, route.Changes)}
}

// HistoryOf returns a link to the history of a resource.
func (l Links) HistoryOf(rel LinkRelation, kind route.KindID, args ...string) Link {
	return l.link(rel, kind.Get().ItemHistory, args...)
}

// item returns the links of a site, cluster, node or flavor.
func (l Links) item(id route.ID, args []string) []Link {
	r := id.Get()
	links := l.SelfAndParent(id, args...)
	for _, child := range r.Kind.Children() {
		links = append(links, l.link(LinkRelation(child.Segment), child.Collection, args...))
	}
	version := append(args[:len(args):len(args)], l.Version)
	return append(links, l.link(RelVersions, r.VersionsRoute, args...),
		l.link(RelVersion, r.VersionRoute, version...))
}
