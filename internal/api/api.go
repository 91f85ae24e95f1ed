// Package api owns the wire form of the API: every body is a value of one of
// its types, encoded where it is written or sent.
//
// The schemas of the OpenAPI document come from the same types, one component
// each, by this rule:
//
//   - a doc comment is the description;
//   - a member is required unless its tag says omitzero, and may be null where it
//     is a pointer;
//   - the constants of a type are all values that it has;
//   - an object has the declared members and no others, unless a field with the
//     tag `json:",embed"` holds the members of a file;
//   - a line //schema:KEYWORD VALUE in a doc comment is a keyword of JSON Schema
//     and its value, for what Go's types cannot say; //schema:ref TYPE says that a
//     raw value is of a type, and //schema:members TYPE which members a file
//     usually has.
package api

import (
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

// Encode returns the JSON text of one of the package's values, compact. Values
// of files keep their text.
func Encode(value any) []byte {
	// Only a value that is not JSON makes an error: what comes from files was
	// parsed, and what comes from types cannot be wrong.
	text, err := json.Marshal(value,
		jsontext.PreserveRawStrings(true),
		jsontext.AllowInvalidUTF8(true),    // authors and messages of commits; written as U+FFFD
		jsontext.AllowDuplicateNames(true), // not looked for: files were checked when they were read
	)
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
// without those that the API has members of its own for.
func decodeFile(file rawjson.Object, into any, own ...string) {
	// A file is an object, and raw values take everything.
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
	// Record is called with each link that is made, unless it is nil. A build
	// checks with it that they all work.
	Record func(href string)
}

// Href is the link to a resource.
func (l Links) Href(id route.ID, args ...string) string { return l.href(id.Path(args...)) }

func (l Links) href(path string) string {
	href := l.Base + path
	if l.Record != nil {
		l.Record(href)
	}
	return href
}

func (l Links) link(rel Rel, to route.ID, args ...string) Link {
	return Link{Rel: rel, Href: l.Href(to, args...)}
}

// SelfAndParent are the links of a document to itself and to its parent.
func (l Links) SelfAndParent(id route.ID, args ...string) []Link {
	parent := id.Get().Parent
	return []Link{
		l.link(RelSelf, id, args...),
		l.link(RelParent, parent, args[:len(parent.Get().Params())]...),
	}
}

// item are the links of a site, cluster, node or flavor.
func (l Links) item(id route.ID, args []string) []Link {
	r := id.Get()
	links := l.SelfAndParent(id, args...)
	for _, child := range r.Kind.Children() {
		links = append(links, l.link(Rel(child.Segment), child.Collection, args...))
	}
	version := append(args[:len(args):len(args)], l.Version)
	return append(links, l.link(RelVersions, r.VersionsRoute, args...),
		l.link(RelVersion, r.VersionRoute, version...))
}
