package build

import (
	"fmt"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Security is the content of /.well-known/security.txt (RFC 9116). Without
// contacts there is no such file.
type Security struct {
	Contacts           []string  `json:"contacts,omitempty"`
	Expires            time.Time `json:"expires,omitzero"`
	Policy             string    `json:"policy,omitempty"`
	Encryption         string    `json:"encryption,omitempty"`
	PreferredLanguages []string  `json:"preferred_languages,omitempty"`
}

// text is the file, for a site at a base.
func (s Security) text(base string) []byte {
	var b strings.Builder
	for _, c := range s.Contacts {
		fmt.Fprintf(&b, "Contact: %s\n", c)
	}

	fmt.Fprintf(&b, "Expires: %s\n", s.Expires.UTC().Format(time.RFC3339))
	for _, field := range []struct{ name, value string }{
		{"Encryption", s.Encryption},
		{"Preferred-Languages", strings.Join(s.PreferredLanguages, ", ")},
		{"Policy", s.Policy},
	} {
		if field.value != "" {
			fmt.Fprintf(&b, "%s: %s\n", field.name, field.value)
		}
	}

	if strings.Contains(base, "://") { // it must be a URL
		fmt.Fprintf(&b, "Canonical: %s/%s\n", base, securityFile)
	}

	return []byte(b.String())
}

const securityFile = ".well-known/security.txt"

// wellKnown writes what crawlers, scanners and other programs look for.
func (b *builder) wellKnown() {
	published := api.Links{Base: b.Published(), Suffix: b.Suffix, Record: b.record}
	b.emitMade(tree.File{Path: route.APICatalogFile, Body: api.Encode(published.Catalog())})
	robots := "User-agent: *\nAllow: /\n"
	if b.hasSitemap() {
		robots += fmt.Sprintf("Sitemap: %s/%s\n", b.URL, sitemapFile)
	}
	b.emitMade(tree.File{Path: "robots.txt", Body: []byte(robots)})
	if s := b.Options.Security; len(s.Contacts) > 0 {
		b.emitMade(tree.File{Path: securityFile, Body: s.text(b.Published())})
	}
}
