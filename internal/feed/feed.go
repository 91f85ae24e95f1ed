// Package feed owns the forms of feeds: Atom (RFC 4287) and JSON Feed 1.1.
package feed

import (
	"bytes"
	"crypto/sha1"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Feed is a list of news, newest first.
type Feed struct {
	ID      string // as [ID] makes it
	Title   string
	Home    string // address of what the news are about
	Atom    string // address of the feed itself, in either form
	JSON    string
	Updated time.Time
	Entries []Entry
}

// Entry is one piece of news. Its texts are plain: markup shows as such.
type Entry struct {
	ID        string
	Title     string
	URL       string
	Author    string
	Summary   string
	Published time.Time
	Updated   time.Time
}

// namespace is that of the names which IDs are made of.
var namespace = [16]byte{0x3d, 0x1f, 0x5e, 0x0a, 0x7c, 0x52, 0x4b, 0x6e, 0x9a, 0x41, 0x08, 0xd6, 0xe2, 0x77, 0xc5, 0x90}

// ID makes an identifier of a name: the same for the same name, at every
// address and for all time. It is a URN (RFC 9562, sections 4 and 5.5).
func ID(name ...string) string {
	h := sha1.New()
	h.Write(namespace[:])
	fmt.Fprintf(h, "%q", name)
	u := h.Sum(nil)[:16]
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}

// MarshalAtom writes the feed as Atom.
func (f *Feed) MarshalAtom() []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n")
	element(&b, "", "id", f.ID)
	element(&b, "", "title", f.Title)
	element(&b, "", "updated", stamp(f.Updated))
	link(&b, "", "self", "application/atom+xml", f.Atom)
	link(&b, "", "alternate", "text/html", f.Home)
	for _, e := range f.Entries {
		b.WriteString("<entry>\n")
		element(&b, "  ", "id", e.ID)
		element(&b, "  ", "title", e.title())
		element(&b, "  ", "updated", stamp(e.Updated))
		element(&b, "  ", "published", stamp(e.Published))
		b.WriteString("  <author><name>")
		text(&b, e.author())
		b.WriteString("</name></author>\n")
		link(&b, "  ", "alternate", "text/html", e.URL)
		element(&b, "  ", "summary", e.Summary)
		b.WriteString("</entry>\n")
	}
	b.WriteString("</feed>\n")
	return b.Bytes()
}

// Readers expect a title and an author to have text.
func (e *Entry) title() string {
	if t := strings.TrimSpace(e.Title); t != "" {
		return t
	}
	return e.Summary
}

func (e *Entry) author() string {
	if a := strings.TrimSpace(e.Author); a != "" {
		return a
	}
	return "unknown"
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func element(b *bytes.Buffer, indent, name, value string) {
	fmt.Fprintf(b, "%s<%s>", indent, name)
	text(b, value)
	fmt.Fprintf(b, "</%s>\n", name)
}

func link(b *bytes.Buffer, indent, rel, mediaType, href string) {
	fmt.Fprintf(b, "%s<link rel=%q type=%q href=\"", indent, rel, mediaType)
	text(b, href)
	b.WriteString("\"/>\n")
}

// text escapes for element content and quoted attributes alike. Characters
// that XML cannot hold become U+FFFD.
func text(b *bytes.Buffer, s string) {
	_ = xml.EscapeText(b, []byte(s)) // a buffer takes everything
}

// MarshalJSONFeed writes the feed as JSON Feed 1.1.
func (f *Feed) MarshalJSONFeed() []byte {
	var b rawjson.Builder
	member := func(key, value string) {
		b.Key(key)
		b.String(value)
	}
	b.BeginObject()
	member("version", "https://jsonfeed.org/version/1.1")
	member("title", f.Title)
	member("home_page_url", f.Home)
	member("feed_url", f.JSON)
	b.Key("items")
	b.BeginArray()
	for _, e := range f.Entries {
		b.BeginObject()
		member("id", e.ID)
		member("url", e.URL)
		member("title", e.title())
		member("content_text", e.Summary)
		member("date_published", stamp(e.Published))
		member("date_modified", stamp(e.Updated))
		b.Key("authors")
		b.BeginArray()
		b.BeginObject()
		member("name", e.author())
		b.EndObject()
		b.EndArray()
		b.EndObject()
	}
	b.EndArray()
	b.EndObject()
	return b.Bytes()
}
