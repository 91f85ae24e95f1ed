package build

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Security is what /.well-known/security.txt says (RFC 9116). Without contacts
// there is no such file.
type Security struct {
	Contacts           []string  `json:"contacts,omitempty"`
	Expires            time.Time `json:"expires,omitzero"`
	Policy             string    `json:"policy,omitempty"`
	Encryption         string    `json:"encryption,omitempty"`
	PreferredLanguages []string  `json:"preferred_languages,omitempty"`
}

// text writes the file.
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
	if strings.Contains(base, "://") { // it must be a whole address
		fmt.Fprintf(&b, "Canonical: %s/%s\n", base, securityFile)
	}
	return []byte(b.String())
}

const securityFile = ".well-known/security.txt"

// catalog is /.well-known/api-catalog (RFC 9727): a linkset (RFC 9264) with the
// API's root and what describes it.
func (b *builder) catalog() tree.File {
	type target struct {
		Href string `json:"href"`
		Type string `json:"type"`
	}
	type context struct {
		Anchor      string   `json:"anchor"`
		ServiceDesc []target `json:"service-desc"`
		ServiceDoc  []target `json:"service-doc"`
		Status      []target `json:"status"`
	}
	base := b.in.Options.Published()
	link := func(to interface{ Path(...string) string }, mediaType string) target {
		href := base + to.Path()
		b.record(href)
		return target{href, mediaType}
	}

	// Encoding a struct of strings cannot fail.
	text, _ := json.Marshal(struct {
		Linkset []context `json:"linkset"`
	}{[]context{{
		Anchor:      base + route.Root.Path(),
		ServiceDesc: []target{link(route.OpenAPI, "application/json")},
		ServiceDoc: []target{
			link(route.Docs, "text/html"), link(route.Redoc, "text/html"), link(route.Guide, "text/html"),
		},
		Status: []target{link(route.ServedVersion, "application/json")},
	}}})
	return tree.File{Path: route.APICatalogFile, Body: text, Time: b.assets}
}

// wellKnown writes what crawlers and scanners look for.
func (b *builder) wellKnown() {
	b.emit(b.catalog())
	b.emit(tree.File{Path: "robots.txt", Body: []byte("User-agent: *\nAllow: /\n"), Time: b.assets})
	if s := b.in.Options.Security; len(s.Contacts) > 0 {
		b.emit(tree.File{Path: securityFile, Body: s.text(b.in.Options.Published()), Time: b.assets})
	}
}
