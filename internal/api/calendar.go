package api

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Calendar is a list of events, as iCalendar (RFC 5545, with the properties of RFC 7986).
type Calendar struct {
	Name    string
	About   string
	URL     string // of the calendar itself; "" for an unknown one
	Stamp   time.Time
	Refresh string // how often to ask again, a duration such as "PT1H"
	Events  []Event
}

// Event is a span of time. Its texts are plain.
type Event struct {
	UID        string // permanent, as [FeedID] makes it
	Start, End time.Time
	Summary    string
	About      string
	URL        string // absolute; "" for none
	Category   string
	Busy       bool // in the time something is taken: programs show it as busy
}

// EncodeICal returns the calendar as text.
func (c *Calendar) EncodeICal() []byte {
	var w icalWriter
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//refapi//availapi//EN")
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", "PUBLISH")
	w.text("NAME", c.Name)
	w.text("X-WR-CALNAME", c.Name) // what programs read that know no NAME
	w.text("DESCRIPTION", c.About)
	if isAbsolute(c.URL) {
		w.line("URL", c.URL)
	}
	w.line("REFRESH-INTERVAL;VALUE=DURATION", c.Refresh)
	w.line("X-PUBLISHED-TTL", c.Refresh)

	for i := range c.Events {
		e := &c.Events[i]
		w.line("BEGIN", "VEVENT")
		w.line("UID", e.UID)
		w.line("DTSTAMP", icalTime(c.Stamp))
		w.line("DTSTART", icalTime(e.Start))
		w.line("DTEND", icalTime(e.End))
		w.text("SUMMARY", e.Summary)
		w.text("DESCRIPTION", e.About)
		w.text("CATEGORIES", e.Category)
		if isAbsolute(e.URL) {
			w.line("URL", e.URL)
		}
		w.line("TRANSP", map[bool]string{true: "OPAQUE", false: "TRANSPARENT"}[e.Busy])
		w.line("END", "VEVENT")
	}

	w.line("END", "VCALENDAR")
	return w.out
}

// isAbsolute reports whether a text can be a URI of a calendar, which has no base.
func isAbsolute(url string) bool { return strings.Contains(url, "://") }

// icalTime writes a time in UTC (RFC 5545, section 3.3.5).
func icalTime(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

type icalWriter struct{ out []byte }

// maxICalLine is the length of a line without its end, in bytes (RFC 5545, section 3.1).
const maxICalLine = 75

// line writes a property, folded into lines between characters.
func (w *icalWriter) line(name, value string) {
	length := 0
	for _, c := range name + ":" + value {
		if size := utf8.RuneLen(c); length+size > maxICalLine {
			w.out = append(w.out, "\r\n "...)
			length = 1
		}
		w.out = utf8.AppendRune(w.out, c)
		length += utf8.RuneLen(c)
	}
	w.out = append(w.out, "\r\n"...)
}

// icalText escapes text (RFC 5545, section 3.3.11).
var icalText = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`)

// text writes a property that is a text, unless it is empty. Control characters that no
// text may have are left out.
func (w *icalWriter) text(name, value string) {
	value = strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			return -1
		}
		return c
	}, icalText.Replace(value))
	if value != "" {
		w.line(name, value)
	}
}
