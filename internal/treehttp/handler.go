// Package treehttp serves a published tree over HTTP and answers as nginx does
// with the printed nginx.conf, so that what is seen in development is what
// clients get. The same test scripts run against both.
package treehttp

import (
	"context"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Options are what a tree alone does not tell.
type Options struct {
	// Base is the path that links in headers start with. It ends in PathPrefix;
	// what is before that is cut off by whoever hands requests on.
	Base string
	// PathPrefix is what all requests start with, "" for nothing.
	PathPrefix string
	// Live answers what depends on now or on a query. While it cannot, it calls
	// Unavailable. Nil is a live half that is down.
	Live http.Handler
}

// Handler serves the tree that lies in a directory.
type Handler struct {
	root string
	o    Options
}

// New serves the tree in root, which may be the link to a live release.
func New(root string, o Options) *Handler { return &Handler{root: root, o: o} }

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	set(header, route.CommonHeaders())

	raw := r.URL.EscapedPath()
	p, ok := h.address(r.URL.Path)
	switch {
	case !ok || strings.Contains(r.URL.Path, "\x00"):
		h.refuse(w, r, api.BadRequest)
		return
	case p == "", route.IsRefused(r.URL), strings.HasPrefix(p, "/"+api.ProblemDir+"/"):
		h.refuse(w, r, missing("/"))
		return
	}
	name := route.WithoutSuffix(p)
	id, args, isRoute := route.Match(name)
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		preflight(w, name)
		return
	default:
		if r.Method != http.MethodPost || !isRoute || !id.Get().Post {
			header.Set("Allow", route.Methods(name))
			h.refuse(w, r, api.MethodNotAllowed)
			return
		}
	}
	to, redirects := route.Redirect(p, strings.TrimPrefix(raw, h.o.PathPrefix))
	switch {
	case isRoute && id.Get().Live, isRoute && id.Get().Sliced() && slice.MatchString(r.URL.RawQuery):
		h.live(w, r)
	case h.serveFile(w, r, p, id, isRoute):
	case !h.published():
		problem(w, r, api.NothingPublished)
	case redirects:
		redirect(w, r, h.o.Base+to)
	case isRoute && id.Get().Representation == route.Version && route.IsVersionID(args[len(args)-1]) && h.hasVersions(name):
		h.live(w, r)
	default:
		problem(w, r, missing(name))
	}
}

// address is the decoded path without the prefix, its dot segments resolved; ""
// where the prefix is missing, false where it leads above the root.
func (h *Handler) address(p string) (string, bool) {
	p, ok := resolveDots(p)
	rest, below := strings.CutPrefix(p, h.o.PathPrefix)
	switch {
	case !ok:
		return "", false
	case !below || rest != "" && !strings.HasPrefix(rest, "/"):
		return "", true
	case rest == "":
		return "/", true
	}
	return rest, true
}

// resolveDots takes the dot segments out of a path (RFC 3986, section 5.2.4), false
// where they lead above the root.
func resolveDots(p string) (string, bool) {
	if !strings.Contains(p, "/.") {
		return p, true
	}

	depth := 0
	segments := strings.Split(p[1:], "/")
	for _, s := range segments {
		switch s {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return "", false
			}
		default:
			depth++
		}
	}
	clean := path.Clean(p)
	if last := segments[len(segments)-1]; clean != "/" && (last == "" || last == "." || last == "..") {
		clean += "/"
	}
	return clean, true
}

// redirect leads on to another address, for good, with the query that the client
// wrote.
func redirect(w http.ResponseWriter, r *http.Request, to string) {
	if r.URL.ForceQuery || r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Cache-Control", route.CacheMoved)
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusPermanentRedirect)
}

// missing is the 404 of an address.
func missing(name string) api.Problem {
	if id, _, ok := route.Match(name); ok && !id.Get().Live {
		return api.NotFound(id.Get())
	}
	return api.NotFound(route.Root.Get())
}

func set(header http.Header, fields []route.Header) {
	for _, f := range fields {
		header.Set(f.Name, f.Value)
	}
}

// preflight answers OPTIONS, of CORS or not.
func preflight(w http.ResponseWriter, name string) {
	header := w.Header()
	header.Del("Access-Control-Expose-Headers")
	header.Del("X-Content-Type-Options")
	set(header, route.PreflightHeaders(name))
	w.WriteHeader(http.StatusNoContent)
}

// published reports whether there is a release to serve.
func (h *Handler) published() bool {
	info, err := os.Stat(filepath.Join(h.root, route.Root.File()))
	return err == nil && info.Mode().IsRegular()
}

// refuse answers with an error; before the first release that is always the same.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, p api.Problem) {
	if !h.published() {
		w.Header().Del("Allow")
		p = api.NothingPublished
	}
	problem(w, r, p)
}

// problem answers with an error.
func problem(w http.ResponseWriter, r *http.Request, p api.Problem) {
	header := w.Header()
	header.Set("Content-Type", route.ProblemType)
	header.Set("Cache-Control", route.ErrorCacheControl(p.Status))
	if after := route.RetryAfter(p.Status); after != "" {
		header.Set("Retry-After", after)
	}
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(p.Body()) // the client may be gone
	}
}

// live hands a request to availapi.
func (h *Handler) live(w http.ResponseWriter, r *http.Request) {
	if h.o.Live == nil {
		h.refuse(w, r, api.LiveUnavailable)
		return
	}
	h.o.Live.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), handlerKey{}, h)))
}

type handlerKey struct{}

// Unavailable answers a request that availapi cannot.
func Unavailable(w http.ResponseWriter, r *http.Request) {
	if h, ok := r.Context().Value(handlerKey{}).(*Handler); ok {
		h.refuse(w, r, api.LiveUnavailable)
		return
	}
	problem(w, r, api.LiveUnavailable)
}
