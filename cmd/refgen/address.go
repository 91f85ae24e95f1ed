package main

import (
	"net"
	"net/url"
	"strings"
)

// address is where a site is published.
type address struct {
	// URL is that of the published site, without a trailing slash; "" is unknown.
	URL string
	// Path is what root-relative links start with: the path of the URL.
	Path string
}

// addressOf joins a base URL and the path prefix that is served below it. Either
// may be missing. The error is for texts that are neither.
func addressOf(baseURL, pathPrefix string) (address, error) {
	if pathPrefix != "" && (!strings.HasPrefix(pathPrefix, "/") || strings.HasSuffix(pathPrefix, "/")) {
		return address{}, usagef("--path-prefix %s: want a path such as /ref", pathPrefix)
	}
	if baseURL == "" {
		return address{Path: pathPrefix}, nil
	}
	u, err := url.Parse(baseURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || strings.ContainsAny(baseURL, "?#") {
		return address{}, usagef("--base-url %s: want a URL such as https://api.example.org", baseURL)
	}
	return address{
		URL:  strings.TrimSuffix(baseURL, "/") + pathPrefix,
		Path: strings.TrimSuffix(u.EscapedPath(), "/") + pathPrefix,
	}, nil
}

// base is what the links of the API start with: the path alone, or, where
// absolute links are asked for, the URL.
func (a address) base(absolute bool) (string, error) {
	switch {
	case !absolute:
		return a.Path, nil
	case a.URL == "":
		return "", usagef("--absolute-links: links need a host to start with: give --base-url too")
	}
	return a.URL, nil
}

// ownURL is the URL of a server on this machine, "" where it listens on every
// address, of which none is more its own than the others.
func ownURL(listening net.Addr) string {
	if tcp, ok := listening.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return ""
	}
	return "http://" + listening.String()
}
