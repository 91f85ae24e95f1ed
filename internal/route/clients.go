package route

import (
	"slices"
	"strings"
)

// ClientFamily is a row of the table of programs that ask, by what their User-Agent
// contains.
type ClientFamily struct {
	Name   string   // in metrics and in nginx's log
	Tokens []string // one of which a User-Agent contains, in this letter case; none for all others
}

// clientFamilies is the table. The first row that matches counts, the last one always
// does. docs/moving.md lists it.
var clientFamilies = []ClientFamily{
	// python-chi asks by requests, without a name of its own, and keystoneauth1 names
	// requests, too: nothing tells them from other programs that use these.
	{"python-chi", []string{"python-chi/", "python-requests/"}},
	{"python", []string{"Python", "python"}}, // urllib, aiohttp, httpx
	{"curl", []string{"curl/", "Wget/"}},
	{"go", []string{"Go-http-client/"}},
	{"crawler", []string{"bot", "Bot", "crawler", "spider"}}, // most of them name Mozilla/, too
	{"browser", []string{"Mozilla/"}},
	{"other", nil},
}

// ClientFamilies returns the table, in which the first row that matches counts.
func ClientFamilies() []ClientFamily { return slices.Clone(clientFamilies) }

// has reports whether a User-Agent is of the family.
func (f ClientFamily) has(userAgent string) bool {
	for _, token := range f.Tokens {
		if strings.Contains(userAgent, token) {
			return true
		}
	}
	return len(f.Tokens) == 0
}

// FamilyOf returns the name of the family of a client.
func FamilyOf(userAgent string) string {
	i := slices.IndexFunc(clientFamilies, func(f ClientFamily) bool { return f.has(userAgent) })
	return clientFamilies[i].Name
}
