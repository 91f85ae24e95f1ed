package page

import (
	"cmp"
	"strings"
	"time"
)

// citation names a node as a commit has it, by URLs that go on meaning that.
type citation struct {
	Plain, BibTeX cited
	Version       string // the URL of the version in the API, as pages link to it
	Key           string // of BibTeX
	Date          time.Time
}

// cited is what a citation says, as text or as it is in BibTeX.
type cited struct {
	Testbed, Node, Type, Site, UID string
	JSON, Page                     string // URLs: without a host where it is unknown, which the script adds
	Commit                         string
}

// Day is the commit's day.
func (c *citation) Day() string { return c.Date.Format("2 Jan 2006") }

// Month is the commit's month, as BibTeX has it.
func (c *citation) Month() string { return strings.ToLower(c.Date.Format("Jan")) }

// Year is the commit's year.
func (c *citation) Year() string { return c.Date.Format("2006") }

// cite is the citation of a node as the commit has it that last changed it. It is that
// commit and not the one that is served, which another node's change would make stale.
func (r *Renderer) cite(n *node, p *common) *citation {
	by := p.Changed
	if by == nil {
		return nil
	}

	place := n.place()
	version := r.path(place.Kind.Get().ItemVersion, append(place.Args(), by.ID)...)
	self := r.pageOf(place) + "?commit=" + by.ID
	testbed := strings.Join(strings.Fields(p.Brand), " ")
	plain := cited{
		Testbed: testbed, Node: n.Label(), Type: n.Type, Site: n.Site, UID: n.UID,
		JSON: r.published(version), Page: r.published(self), Commit: by.ID,
	}

	c := &citation{Plain: plain, Version: version, Date: by.Date}
	c.BibTeX = plain
	for _, text := range []*string{&c.BibTeX.Testbed, &c.BibTeX.Node, &c.BibTeX.Type, &c.BibTeX.Site, &c.BibTeX.UID} {
		*text = bibTeX(*text)
	}
	c.Key = bibKey(cmp.Or(testbed, "node"), n.Label(), by.Short)

	return c
}

// published is the URL at which others find a page or a resource of this site.
func (r *Renderer) published(path string) string {
	if rest, ok := strings.CutPrefix(path, r.Base+"/"); ok && r.URL != "" {
		return r.URL + "/" + rest
	}
	return path
}

// bibSpecial are the characters with a meaning in TeX, as they are written to mean
// themselves. Braces stay in pairs that way, which BibTeX counts.
var bibSpecial = strings.NewReplacer(
	`\`, `{\textbackslash}`, `{`, `{\textbraceleft}`, `}`, `{\textbraceright}`, `~`, `{\textasciitilde}`, `^`, `{\textasciicircum}`,
	`#`, `\#`, `$`, `\$`, `%`, `\%`, `&`, `\&`, `_`, `\_`, `"`, `{\textquotedbl}`,
)

// bibTeX is a text as a field of BibTeX has it.
func bibTeX(text string) string {
	return bibSpecial.Replace(strings.Join(strings.Fields(text), " "))
}

// bibKey is the key of an entry: what is not a letter or a digit of ASCII is a hyphen.
func bibKey(parts ...string) string {
	words := strings.FieldsFunc(strings.Join(parts, " "), func(c rune) bool {
		return !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z')
	})
	return strings.Join(words, "-")
}
