package page

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chameleoncloud/refapi/internal/change"
)

// headline says in words what a commit did to some resources.
type headline struct {
	Kind    string // one of the kinds below
	Text    string
	IsMinor bool // only the form of values changed

	// Commits of which the first is equal did the same with other resources. The second is
	// without what changed, but has where.
	same, alike string
}

// kinds are what a change may be, in one word, the most important first.
var changeKinds = []string{
	"Added", "Removed", "Moved", "Replaced", "Type", "Cost", "Hardware", "Firmware", "Place", "Note", "Unreadable",
	"Data only",
}

// kindOfAbout names what a changed file is about.
func kindOfAbout(a change.About) string {
	switch a {
	case change.AboutType:
		return "Type"
	case change.AboutCost:
		return "Cost"
	case change.AboutHardware:
		return "Hardware"
	case change.AboutFirmware:
		return "Firmware"
	case change.AboutPlace:
		return "Place"
	case change.AboutNote:
		return "Note"
	}
	return "Data only"
}

// kindOfChange names what happened to a resource, with the titles of the members that
// this is about.
func kindOfChange(r *change.Resource) (kind string, members []string, about change.About) {
	if r.Move != nil {
		kind = r.Move.Action()
	} else {
		kind = r.Action()
	}

	switch {
	case kind != change.Changed:
		return asSentence(kind), nil, 0
	case r.Before != change.Present || r.After != change.Present:
		return "Unreadable", nil, 0
	}

	members, about = mostImportant(r.Members, r.About)
	return kindOfAbout(about), members, about
}

// mostImportant returns what matters most of what members are about, and the titles of
// those that are about it.
func mostImportant(names []string, abouts string) (members []string, about change.About) {
	about = change.AboutSpelling
	for _, a := range []byte(abouts) {
		about = about.More(change.About(a))
	}

	for i, name := range names {
		if abouts[i] == byte(about) {
			members = append(members, clip(inSentence(title(name))))
		}
	}
	slices.Sort(members)

	return members, about
}

// inSentence is a title within a sentence: an acronym or a name keeps its capitals.
func inSentence(title string) string {
	first, n := utf8.DecodeRuneInString(title)
	if rest := title[n:]; rest != "" && strings.ToLower(rest) == rest {
		return string(unicode.ToLower(first)) + rest
	}
	return title
}

// asSentence begins with a capital.
func asSentence(text string) string {
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[n:]
}

// stepHeadline says in words what became of a resource with a version of its file, whose
// difference may be nil.
func stepHeadline(s *change.Step, d *change.Delta) headline {
	if m := s.Move; m != nil {
		from, to := m.Ends()
		switch {
		case m.Left != nil && s.State == change.Absent:
			return headline{Kind: "Removed", Text: "Removed"}
		case !m.Replaced && from == "":
			return headline{Kind: "Moved", Text: "Renamed from " + change.Isolate(clip(m.From.UID)) + " to " + change.Isolate(clip(m.To.UID))}
		case !m.Replaced:
			return headline{Kind: "Moved", Text: "Moved from " + change.Isolate(from) + " to " + change.Isolate(to)}
		case s.State == change.Absent:
			return headline{Kind: "Replaced", Text: "Removed: another machine has its name since then"}
		}
		return headline{Kind: "Replaced", Text: "Added: until then, another machine had its name"}
	}

	if text := stateText(s); text != "" && (d == nil || len(d.Ops) == 0 || s.Before != change.Present) {
		kind, _, _ := strings.Cut(strings.TrimSuffix(text, "."), " ")
		return headline{Kind: map[string]string{"Readable": "Unreadable"}[kind], Text: strings.TrimSuffix(text, ".")}
	}
	if d == nil {
		return headline{}
	}

	names, abouts := d.Describe(s.Kind)
	members, about := mostImportant(names, abouts)
	kind := kindOfAbout(about)
	text := aboutMembers(kind, list(members), about == change.AboutSpelling)
	return headline{Kind: kind, Text: asSentence(text)}
}
