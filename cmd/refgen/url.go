package main

import (
	"net"
	"net/url"
	"strings"

	"github.com/chameleoncloud/refapi/internal/cli"
)

// urlFlags say where the site is published.
type urlFlags struct {
	BaseURL    string `help:"URL of the published site, for feeds, the OpenAPI document and canonical links." placeholder:"URL"`
	PathPrefix string `help:"Path that links start with." placeholder:"/PATH"`
}

// location is where a site is published.
type location struct {
	// URL is that of the published site, without a trailing slash; "" is unknown.
	URL string
	// Path is what root-relative links start with: the path of the URL.
	Path string
}

// location joins the base URL and the path prefix that is served below it. Either
// may be missing. The error is for texts that are neither.
func (f *urlFlags) location() (location, error) {
	prefix := f.PathPrefix
	if prefix != "" && (!strings.HasPrefix(prefix, "/") || strings.HasSuffix(prefix, "/")) {
		return location{}, cli.Usagef("--path-prefix %s: want a path such as /ref", prefix)
	}
	if f.BaseURL == "" {
		return location{Path: prefix}, nil
	}

	u, err := url.Parse(f.BaseURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" ||
		u.User != nil || strings.ContainsAny(f.BaseURL, "?#") {
		return location{}, cli.Usagef("--base-url %s: want a URL such as https://api.example.org", f.BaseURL)
	}

	return location{
		URL:  strings.TrimSuffix(f.BaseURL, "/") + prefix,
		Path: strings.TrimSuffix(u.EscapedPath(), "/") + prefix,
	}, nil
}

// ownURL is the URL of a server on this machine, "" where it listens on every
// address.
func ownURL(listening net.Addr) string {
	if tcp, ok := listening.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return ""
	}
	return "http://" + listening.String()
}
