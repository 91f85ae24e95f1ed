package availhttp

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// A feed or calendar is the JSON answer to the same question in another form, so that the
// two never differ.

// feedStep is how long a feed stays as it is while nothing changes: what is free now
// begins with the next of these steps, and not with each request.
const feedStep = 15 * time.Minute

// entry is an item of a feed or an event of a calendar.
type entry struct {
	id             string
	start, end     time.Time
	title, text    string
	page, category string
	busy           bool
}

// listed is what a feed or calendar is made from.
type listed struct {
	kind, title, page string // the page is a path, with its query
	nearest           string // parameter with which there would be few enough entries, "" if unknown
	entries           []entry
	notices           []api.Notice // which calendars have, too
}

// lister makes the entries of a form of a question; an answer with a status refuses it.
type lister func(v *view, r *http.Request, question string, now time.Time) (listed, answer)

// feed returns a handler of one form of a question.
func (h *Handler) feed(id route.ID, list lister) handler {
	return func(v *view, r *http.Request, _ []string, now time.Time) answer {
		rounded := now.Truncate(feedStep)
		if rounded.Before(now) {
			rounded = rounded.Add(feedStep)
		}

		question := questionOf(r.URL.RawQuery)
		found, a := list(v, r, question, rounded)
		if n := len(found.entries); n > route.MaxFeedEntries {
			a = tooMany(fmt.Sprintf("a feed has at most %d entries, and this would have %d: %s would do",
				route.MaxFeedEntries, n, cmp.Or(found.nearest, "fewer nodes")))
		}
		if a.status != 0 {
			return a
		}

		until := availability.At(rounded)
		if !rounded.After(now) {
			until = availability.At(now.Add(slotsTTL))
		}
		return answer{
			content:   newContent(v.encodeFeed(id, r.URL.RawQuery, question, found, rounded)),
			mediaType: id.Get().MediaType(), lastModified: v.lastModified, until: until,
		}
	}
}

// tooMany refuses a question that a feed has no room for.
func tooMany(why string) answer {
	return validationError(api.Fault{Type: api.ValueError, Loc: []string{"query"}, Msg: why})
}

// decoded returns a lister that makes entries from the JSON answer to the question.
func decoded[T any](ask handler, list func(v *view, question string, body T, now time.Time) listed) lister {
	return func(v *view, r *http.Request, question string, now time.Time) (listed, answer) {
		a := ask(v, r, nil, now)
		if a.status != 0 {
			return listed{}, a
		}
		var body T
		if err := api.Decode(a.content.body, &body); err != nil {
			panic(fmt.Errorf("read our own answer: %w", err))
		}
		return list(v, question, body, now), answer{}
	}
}

// questionOf is what a query asks, however it is written: the ids of entries are made from
// it.
func questionOf(query string) string {
	values, _ := url.ParseQuery(query) // what cannot be read was refused, or has no effect
	for _, name := range []string{"strict", "limit", "offset"} {
		values.Del(name)
	}
	return values.Encode()
}

// encodeFeed writes a feed or calendar. What it has of times is the day, so that it is the
// same until something changes.
func (v *view) encodeFeed(id route.ID, query, question string, of listed, now time.Time) []byte {
	pattern := id.Get().Pattern
	base, day := v.release.Published, now.UTC().Truncate(24*time.Hour)
	if query != "" {
		query = "?" + query
	}
	self := func(suffix string) string {
		path := pattern
		for _, other := range []string{route.AtomSuffix, route.JSONFeedSuffix, route.CalendarSuffix} {
			path = strings.TrimSuffix(path, other)
		}
		return base + path + suffix + query
	}

	if strings.HasSuffix(pattern, route.CalendarSuffix) {
		of.entries = append(of.entries, noticeEvents(of.notices, of.page, day)...)
		c := of.calendar(base, day)
		c.URL = self(route.CalendarSuffix)
		return c.EncodeICal()
	}

	f := of.feed(base, day)
	f.ID = api.FeedID("live", of.kind, question)
	f.Atom, f.JSON = self(route.AtomSuffix), self(route.JSONFeedSuffix)
	if strings.HasSuffix(pattern, route.AtomSuffix) {
		return f.EncodeAtom()
	}
	return api.Encode(f.JSONFeed())
}

// feed makes a feed whose pages are at a base.
func (of *listed) feed(base string, day time.Time) api.Feed {
	f := api.Feed{Title: of.title, Home: base + of.page, Updated: day}
	for _, e := range of.entries {
		f.Entries = append(f.Entries, api.FeedEntry{
			ID: e.id, Title: e.title, URL: base + e.page, Author: cmp.Or(e.category, "testbed"), Summary: e.text,
			Published: day, Updated: day,
		})
	}
	return f
}

// entryID is an entry's permanent id. What begins now would have another one with each
// step, so it has that of the day.
func entryID(start, now time.Time, of ...string) string {
	at := start.UTC().Format(time.RFC3339)
	if !start.After(now) {
		at = now.UTC().Format(time.DateOnly)
	}
	return api.FeedID(append(of, at)...)
}

// clock writes a time for people.
func clock(t time.Time) string { return t.UTC().Format("Mon 2 Jan 15:04") }

// span is an entry's times for people.
func span(start, end time.Time) string { return clock(start) + " to " + clock(end) + " UTC" }

// timeOf reads a time of our own answers.
func timeOf(t api.Time) time.Time {
	at, _ := time.Parse(time.RFC3339Nano, string(t))
	return at
}

// withQuery adds a query to a path, unless it is empty.
func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// count writes a number with the name of what it counts.
func count(n int, of string) string {
	if n != 1 {
		of += "s"
	}
	return fmt.Sprint(n, " ", of)
}
