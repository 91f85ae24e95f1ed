package api

import (
	"cmp"
	"crypto/sha1"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// Feed is a list of changes, newest first, which is published in two formats.
type Feed struct {
	ID      string // as [FeedID] makes it
	Title   string
	Home    string // URL of the page about it
	Atom    string // URL of the feed itself, in either format
	JSON    string
	Updated time.Time
	Entries []FeedEntry
}

// FeedEntry is one change. Its texts are plain: markup shows as such.
type FeedEntry struct {
	ID        string
	Title     string
	URL       string
	Author    string
	Summary   string
	Published time.Time
	Updated   time.Time
}

// FeedID derives a permanent identifier from a name, whatever the URL of the
// feed: a URN with a UUID of version 5 (RFC 9562, section 5.5).
func FeedID(name ...string) string {
	// A random namespace. Changing it would make feed readers show all entries anew.
	namespace := [16]byte{0x3d, 0x1f, 0x5e, 0x0a, 0x7c, 0x52, 0x4b, 0x6e, 0x9a, 0x41, 0x08, 0xd6, 0xe2, 0x77, 0xc5,
		0x90}
	h := sha1.New()
	h.Write(namespace[:])
	fmt.Fprintf(h, "%q", name)
	u := h.Sum(nil)[:16]
	u[6] = u[6]&0x0f | 0x50 // version 5
	u[8] = u[8]&0x3f | 0x80 // variant of RFC 9562
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}

// Feed readers expect a title and an author that are not empty.
func (e *FeedEntry) title() string  { return cmp.Or(strings.TrimSpace(e.Title), e.Summary) }
func (e *FeedEntry) author() string { return cmp.Or(strings.TrimSpace(e.Author), "unknown") }

func feedTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// JSONFeed is a feed as JSON Feed 1.1: of the newest commits that changed something,
// without merges, or of what a question about availability found.
type JSONFeed struct {
	// Version of JSON Feed.
	//
	//schema:const "https://jsonfeed.org/version/1.1"
	//schema:examples ["https://jsonfeed.org/version/1.1"]
	Version string `json:"version"`
	// Title of the feed.
	//
	//schema:examples ["What changed: chameleon"]
	Title string `json:"title"`
	// URL of the page about it.
	//
	//schema:format "uri-reference"
	//schema:examples ["https://api.example.org/hardware/changes"]
	HomePageURL string `json:"home_page_url"`
	// URL of the feed.
	//
	//schema:format "uri-reference"
	//schema:examples ["https://api.example.org/changes.feed.json"]
	FeedURL string `json:"feed_url"`
	// The commits, newest first; or the slots, or counts, in their order.
	Items []JSONFeedItem `json:"items"`
}

// JSONFeedItem is a commit, a slot, or a count of free nodes.
type JSONFeedItem struct {
	// Permanent identifier, the same as in the Atom feed.
	//
	//schema:format "uri"
	//schema:examples ["urn:uuid:1f8a4c52-93d6-5b0e-8a17-6c2d9e4b7f30"]
	ID string `json:"id"`
	// URL of the page about it: for a commit, that of its changes.
	//
	//schema:format "uri-reference"
	//schema:examples ["https://api.example.org/hardware/changes/5da059049fb24a6d76435e52538ee1cb47a0545f"]
	URL string `json:"url"`
	// For a commit, the first paragraph of its message.
	//
	//schema:examples ["Add the new GPU nodes"]
	Title string `json:"title"`
	// For a commit, what changed, in one line.
	//
	//schema:examples ["uc: 2 nodes added"]
	ContentText string `json:"content_text"`
	// For a commit, its author time.
	//
	//schema:format "date-time"
	//schema:examples ["2026-06-26T20:45:12Z"]
	DatePublished string `json:"date_published"`
	// For a commit, its committer time.
	//
	//schema:format "date-time"
	//schema:examples ["2026-06-26T20:45:12Z"]
	DateModified string `json:"date_modified"`
	// The commit's author, or the testbed.
	//
	//schema:minItems 1
	Authors []JSONFeedAuthor `json:"authors"`
}

// JSONFeedAuthor is an author of an entry.
type JSONFeedAuthor struct {
	// Name of the author.
	//
	//schema:examples ["Ada Lovelace"]
	Name string `json:"name"`
}

// JSONFeed returns the feed as JSON Feed.
func (f *Feed) JSONFeed() JSONFeed {
	out := JSONFeed{Version: "https://jsonfeed.org/version/1.1", Title: f.Title, HomePageURL: f.Home, FeedURL: f.JSON}
	for i := range f.Entries {
		e := &f.Entries[i]
		out.Items = append(out.Items, JSONFeedItem{
			ID:            e.ID,
			URL:           e.URL,
			Title:         e.title(),
			ContentText:   e.Summary,
			DatePublished: feedTime(e.Published),
			DateModified:  feedTime(e.Updated),
			Authors:       []JSONFeedAuthor{{Name: e.author()}},
		})
	}

	return out
}

// atomFeed is an Atom feed (RFC 4287).
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Updated   string   `xml:"updated"`
	Published string   `xml:"published"`
	Author    string   `xml:"author>name"`
	Link      atomLink `xml:"link"`
	Summary   string   `xml:"summary"`
}

// EncodeAtom returns the feed as Atom. Characters that XML cannot hold become
// U+FFFD.
func (f *Feed) EncodeAtom() []byte {
	out := atomFeed{ID: f.ID, Title: f.Title, Updated: feedTime(f.Updated), Links: []atomLink{
		{Rel: "self", Type: "application/atom+xml", Href: f.Atom},
		{Rel: "alternate", Type: "text/html", Href: f.Home},
	}}

	for i := range f.Entries {
		e := &f.Entries[i]
		out.Entries = append(out.Entries, atomEntry{
			ID:        e.ID,
			Title:     e.title(),
			Updated:   feedTime(e.Updated),
			Published: feedTime(e.Published),
			Author:    e.author(),
			Link:      atomLink{Rel: "alternate", Type: "text/html", Href: e.URL},
			Summary:   e.Summary,
		})
	}

	// Cannot fail: all fields are strings.
	text, _ := xml.MarshalIndent(out, "", "  ")
	return append([]byte(xml.Header), append(text, '\n')...)
}
