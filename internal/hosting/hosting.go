// Package hosting is what hosts of plain files need: the files of their own by which they
// send headers, rewrite paths and answer what is missing, and their limits.
package hosting

import "slices"

// Host is a row of the table of hosts.
type Host struct {
	Name  string // in the configuration
	Title string

	// Suffix follows the paths of resources in links: the host cannot rewrite.
	Suffix string
	// Rules reports whether the host reads _headers and _redirects, which name paths from
	// the root of a host name.
	Rules bool
	// Forced reports whether a rewrite comes before a file of that name.
	Forced bool
	// Markers are empty files that the host looks for.
	Markers []string

	Limits
}

// Limits are the most that a host takes; 0 is no limit that is known.
type Limits struct {
	Files    int   // in a release
	FileSize int64 // of one file, in bytes
	SiteSize int64 // of all files

	HeaderRules, StaticRules, DynamicRules int // in _headers, and in _redirects
}

// Files that hosts look for.
const (
	HeadersFile   = "_headers"
	RedirectsFile = "_redirects"
	NotFoundFile  = "404.html"
	FrontFile     = "index.html"
)

const mib = 1 << 20

// Hosts returns the table. The numbers are those that the hosts' documentation gives:
// GitHub's "GitHub Pages limits", Cloudflare's "Limits", "Headers" and "Redirects" of Pages
// (free plan; a paid one takes 100,000 files).
func Hosts() []Host {
	return []Host{
		{Name: "pages", Title: "GitHub Pages", Suffix: ".json", Markers: []string{".nojekyll"},
			Limits: Limits{SiteSize: 1e9}},
		{Name: "netlify", Title: "Netlify", Rules: true},
		{Name: "cloudflare", Title: "Cloudflare Pages", Rules: true, Forced: true,
			Limits: Limits{Files: 20_000, FileSize: 25 * mib, HeaderRules: 100, StaticRules: 2000, DynamicRules: 100}},
	}
}

// Names are the names of all hosts.
func Names() (names []string) {
	for _, h := range Hosts() {
		names = append(names, h.Name)
	}
	return names
}

// Find returns a host by its name, false for "".
func Find(name string) (Host, bool) {
	hosts := Hosts()
	i := slices.IndexFunc(hosts, func(h Host) bool { return h.Name == name })
	if i < 0 {
		return Host{}, false
	}
	return hosts[i], true
}

// IsOwn reports whether a file of a release is a host's, which it may not serve.
func IsOwn(file string) bool {
	if file == HeadersFile || file == RedirectsFile || file == NotFoundFile || file == FrontFile {
		return true
	}
	return slices.ContainsFunc(Hosts(), func(h Host) bool { return slices.Contains(h.Markers, file) })
}
