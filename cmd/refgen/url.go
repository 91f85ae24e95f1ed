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

// location joins the base URL and the path prefix that is served below it. It returns
// the URL of the published site, "" if unknown, without a trailing slash, and the path
// that root-relative links start with.
func (f *urlFlags) location() (site, path string, err error) {
	if !config.IsPathPrefix(f.PathPrefix) {
		return "", "", cli.Usagef("--path-prefix %s: want a path such as /ref", f.PathPrefix)
	}
	if !config.IsBaseURL(f.BaseURL) {
		return "", "", cli.Usagef("--base-url %s: want a URL such as https://api.example.org", f.BaseURL)
	}

	base := strings.TrimSuffix(f.BaseURL, "/")
	if base != "" {
		site = base + f.PathPrefix
	}

	return site, route.BasePath(base) + f.PathPrefix, nil
}

// ownURL returns the URL of a server on this machine, "" if it listens on all
// addresses.
func ownURL(listening net.Addr) string {
	if tcp, ok := listening.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return ""
	}
	return "http://" + listening.String()
}
