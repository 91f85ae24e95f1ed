package main

import (
	"net"
	"net/url"
	"strings"

	"github.com/chameleoncloud/refapi/internal/cli"
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

// ownURL returns the URL of a server on this machine, "" if it listens on all
// addresses.
func ownURL(listening net.Addr) string {
	if tcp, ok := listening.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return ""
	}
	return "http://" + listening.String()
}
