package main

import (
	"net"
	"strings"

	"github.com/chameleoncloud/refapi/internal/listen"
	"github.com/chameleoncloud/refapi/internal/route"
)

// urlFlags are the URL of the published site.
type urlFlags struct {
	BaseURL    string `help:"URL of the published site, for feeds, the OpenAPI document and canonical links." placeholder:"URL" key:"site.base_url"`
	PathPrefix string `help:"Path that links start with." placeholder:"/PATH" key:"site.path_prefix"`
	NoIndex    bool   `help:"Ask search engines to list nothing, for previews." name:"noindex" key:"site.noindex"`
}

// location joins the base URL and the path prefix that is served below it. It returns
// the URL of the published site, "" if unknown, without a trailing slash, and the path
// that root-relative links start with.
func (f *urlFlags) location() (site, path string) {
	base := strings.TrimSuffix(f.BaseURL, "/")
	if base != "" {
		site = base + f.PathPrefix
	}

	return site, route.BasePath(base) + f.PathPrefix
}

// delivery is what the operator adds to the headers of the site.
func (a *app) delivery() route.Delivery {
	of := a.Config.Links
	return route.Delivery{NoIndex: of.NoIndex, CacheTag: of.CacheTag, FrameAncestors: strings.Join(of.FrameAncestors, " ")}
}

// ownURL returns the URL of a server on this machine, "" if it listens at more than one
// address.
func ownURL(listeners []net.Listener) string {
	if len(listeners) > 1 {
		return ""
	}
	if tcp, ok := listeners[0].Addr().(*net.TCPAddr); !ok || tcp.IP.IsUnspecified() {
		return ""
	}
	return listen.URL(listeners[0])
}
