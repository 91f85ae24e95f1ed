package main

import (
	"net"
	"strings"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/route"
)

// urlFlags are the URL of the published site.
type urlFlags struct {
	BaseURL    string `help:"URL of the published site, for feeds, the OpenAPI document and canonical links." placeholder:"URL"`
	PathPrefix string `help:"Path that links start with." placeholder:"/PATH"`
}

// location is the URL of a published site.
type location struct {
	// URL is that of the published site, without a trailing slash; "" if unknown.
	URL string
	// Path is what root-relative links start with: the path of the URL.
	Path string
}

// location joins the base URL and the path prefix that is served below it. Either
// may be missing.
func (f *urlFlags) location() (location, error) {
	if !config.IsPathPrefix(f.PathPrefix) {
		return location{}, cli.Usagef("--path-prefix %s: want a path such as /ref", f.PathPrefix)
	}
	if !config.IsBaseURL(f.BaseURL) {
		return location{}, cli.Usagef("--base-url %s: want a URL such as https://api.example.org", f.BaseURL)
	}

	at := location{Path: f.PathPrefix}
	if base := strings.TrimSuffix(f.BaseURL, "/"); base != "" {
		at = location{URL: base + f.PathPrefix, Path: route.BasePath(base) + f.PathPrefix}
	}

	return at, nil
}

// ownURL returns the URL of a server on this machine, "" if it listens on all
// addresses.
func ownURL(listening net.Addr) string {
	if tcp, ok := listening.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return ""
	}
	return "http://" + listening.String()
}
