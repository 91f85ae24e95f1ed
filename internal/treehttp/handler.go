// Package treehttp serves a published tree over HTTP, with the same responses as
// nginx with the generated nginx.conf, so that development matches production.
// The same test scripts run against both.
package treehttp

import (
	"context"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Options are what the tree itself does not contain.
type Options struct {
	// Base is the path prefix of links in headers. It ends in PathPrefix; a proxy in
	// front removes the part before that from the paths of requests.
	Base string
	// PathPrefix is the path prefix of all requests, "" for none.
	PathPrefix string
	// Live is availapi, which answers requests that depend on the time or a query.
	// While it cannot, it calls Unavailable. Nil means that it is down.
	Live http.Handler

	route.Delivery
}

// Handler serves the tree that is stored in a directory.
type Handler struct {
	root string
	opts Options
}

// New returns a handler for the tree in root, which may be a symbolic link to a
// release.
func New(root string, opts Options) *Handler { return &Handler{root: root, opts: opts} }

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setHeaders(w.Header(), h.opts.Headers())

	p, ok := h.resolve(r.URL.Path)
	name := route.WithoutSuffix(p)
	switch methods := route.Methods(name); {
	case !ok || strings.Contains(r.URL.Path, "\x00"):
		h.refuse(w, r, api.BadRequest)
	case p == "", route.IsRefused(r.URL), strings.HasPrefix(p, "/"+api.ProblemDir+"/"):
		h.refuse(w, r, notFound("/"))
	case r.Method == http.MethodOptions:
		preflight(w, name)
	case !slices.Contains(strings.Split(methods, ", "), r.Method):
		w.Header().Set("Allow", methods)
		h.refuse(w, r, api.MethodNotAllowed)

	default:
		h.answer(w, r, p, name)
	}
}

// answer answers with the first of: availapi, a file, a redirect, a 404. The path
// is given with and without its suffix.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, p, name string) {
	id, args, isRoute := route.Match(name)
	if isRoute && (id.Get().Live || id.Get().Sliced() && slice.MatchString(r.URL.RawQuery)) {
		h.live(w, r)
		return
	}

	release := h.release()
	if p == "/" && route.PrefersHTML(r.Header["Accept"]) && h.serveFront(w, r) || h.serveFile(w, r, p) {
		return
	}
	published := h.published()
	if h.release() != release { // what was looked for in two releases may be in the newer one
		h.answer(w, r, p, name)
		return
	}
	if !published {
		problem(w, r, api.NothingPublished)
		return
	}

	if to, ok := route.Redirect(p, strings.TrimPrefix(r.URL.EscapedPath(), h.opts.PathPrefix)); ok {
		h.deprecate(w.Header(), p)
		setHeaders(w.Header(), h.opts.Tags(route.ClassOf("")))
		redirect(w, r, h.opts.Base+to)
		return
	}

	// HEAD, a short hash, or a version that has no file of its own.
	if isRoute && id.Get().Representation == route.Version && route.IsVersionID(args[len(args)-1]) &&
		h.hasFile(path.Dir(name)+".json") {
		h.live(w, r)
		return
	}

	if route.HasPageErrors(p) && h.missingPage(w, r) {
		return
	}
	problem(w, r, notFound(name))
}

// resolve resolves the dot segments of a decoded path and removes the prefix; "" if
// the prefix is missing, false if the path points above the root.
func (h *Handler) resolve(p string) (string, bool) {
	p, ok := resolveDots(p)
	if !ok {
		return "", false
	}

	rest, below := strings.CutPrefix(p, h.opts.PathPrefix)
	if below && rest == "" {
		return "/", true
	}
	if !below || !strings.HasPrefix(rest, "/") {
		return "", true
	}

	return rest, true
}

// resolveDots removes the dot segments of a path (RFC 3986, section 5.2.4); false if
// they point above the root.
func resolveDots(p string) (string, bool) {
	if !strings.Contains(p, "/.") {
		return p, true
	}

	// A relative path keeps the ".." that point above its start.
	if above := path.Clean("." + p); above == ".." || strings.HasPrefix(above, "../") {
		return "", false
	}

	// path.Clean also drops the trailing slash that a final dot segment leaves.
	clean := path.Clean(p)
	last := p[strings.LastIndexByte(p, '/')+1:]
	if clean != "/" && (last == "" || last == "." || last == "..") {
		clean += "/"
	}

	return clean, true
}

// redirect redirects permanently to another path, with the query unchanged.
func redirect(w http.ResponseWriter, r *http.Request, to string) {
	if r.URL.ForceQuery || r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Cache-Control", route.CacheMoved)
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusPermanentRedirect)
}

// notFound returns the 404 of a path without suffix.
func notFound(name string) api.Problem {
	if id, _, ok := route.Match(name); ok && !id.Get().Live {
		return api.NotFound(id.Get())
	}
	return api.NotFound(route.Root.Get())
}

// deprecate sets the headers of a page that is deprecated, by its path.
func (h *Handler) deprecate(header http.Header, p string) {
	if d := route.DeprecatedPage(p); d != nil {
		setHeaders(header, d.Headers(h.opts.Base))
	}
}

func setHeaders(header http.Header, fields []route.Header) {
	for _, f := range fields {
		header.Set(f.Name, f.Value)
	}
}

// preflight answers OPTIONS, of CORS or not.
func preflight(w http.ResponseWriter, name string) {
	header := w.Header()
	header.Del("Access-Control-Expose-Headers")
	header.Del("X-Content-Type-Options")
	setHeaders(header, route.PreflightHeaders(name))
	w.WriteHeader(http.StatusNoContent)
}

// release is where the link to the live release points to; "" if there is none.
func (h *Handler) release() string {
	target, _ := os.Readlink(h.root)
	return target
}

// published reports whether there is a release to serve.
func (h *Handler) published() bool {
	return h.hasFile("/" + route.Root.File())
}

// hasFile reports whether the release has a file outside its store.
func (h *Handler) hasFile(name string) bool {
	return isFile(filepath.Join(h.root, filepath.FromSlash(name)))
}

func isFile(full string) bool {
	info, err := os.Stat(full)
	return err == nil && info.Mode().IsRegular()
}

// refuse answers with an error. Before the first release that is always 503.
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

// live passes a request to availapi.
func (h *Handler) live(w http.ResponseWriter, r *http.Request) {
	if h.opts.Live == nil {
		h.refuse(w, r, api.LiveUnavailable)
		return
	}
	h.opts.Live.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), handlerKey{}, h)))
}

// handlerKey is the context key under which live passes the handler to Unavailable.
type handlerKey struct{}

// Unavailable answers a request that availapi cannot.
func Unavailable(w http.ResponseWriter, r *http.Request) {
	if h, ok := r.Context().Value(handlerKey{}).(*Handler); ok {
		h.refuse(w, r, api.LiveUnavailable)
		return
	}
	problem(w, r, api.LiveUnavailable)
}
