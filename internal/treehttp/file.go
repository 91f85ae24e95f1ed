package treehttp

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// mediaTypes are those of files by their endings, as in nginx.conf.
var mediaTypes = map[string]string{
	".json":   "application/json",
	".ndjson": "application/x-ndjson",
	".atom":   "application/atom+xml",
	".html":   "text/html; charset=utf-8",
	".css":    "text/css; charset=utf-8",
	".csv":    "text/csv; charset=utf-8",
	".js":     "text/javascript; charset=utf-8",
	".mjs":    "text/javascript; charset=utf-8",
	".txt":    "text/plain; charset=utf-8",
	".png":    "image/png",
	".svg":    "image/svg+xml",
}

// catalog has a type that its name does not tell (RFC 9727).
const (
	catalog     = "/.well-known/api-catalog"
	catalogType = `application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"`
)

// serveFile answers with the file of an address, if there is one: its JSON,
// itself, or its page.
func (h *Handler) serveFile(w http.ResponseWriter, r *http.Request, p string, id route.ID, isRoute bool) bool {
	header := w.Header()
	cache := api.BriefCache
	if strings.HasPrefix(p, route.Versions.Path()+"/") || strings.HasPrefix(p, "/"+route.AssetDir+"/") {
		cache = api.ImmutableCache
	}
	for _, candidate := range h.candidates(p) {
		f, info := h.open(candidate, r.Header.Get("Accept-Encoding"))
		if f == nil {
			continue
		}
		defer f.Close()
		switch {
		case isRoute && id == route.Root:
			header.Set("Link", api.ServiceLinks(h.o.Base))
		case p == catalog:
			header.Set("Link", fmt.Sprintf(`<%s%s>; rel="api-catalog"`, h.o.Base, catalog))
		case path.Ext(candidate) == ".html":
			header.Set("Content-Security-Policy", api.ContentPolicy)
		}
		header.Set("Cache-Control", cacheOf(r, cache))
		h.serve(w, r, candidate, f, info)
		return true
	}
	return false
}

// candidates are the files that an address may mean, in the order in which
// nginx tries them. Compressed files and files with two names are not asked
// for by their own.
func (h *Handler) candidates(p string) []string {
	top, _, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/")
	slices, _, _ := strings.Cut(h.o.SliceDir, "/")
	switch ext := path.Ext(p); {
	case p == "/" || p == "/.json":
		return []string{"/index.json"}
	case p == "/index", p == "/index.json", top == api.ProblemDir, top == slices, strings.HasSuffix(p, "/"):
		return nil
	case strings.HasSuffix(p, "/index.html"), ext == ".gz", ext == ".br":
		return []string{p + ".json"}
	}
	return []string{p + ".json", p, p + "/index.html"}
}

// open opens a file of the tree, or the best of its variants that the client
// accepts; nil where there is none.
func (h *Handler) open(name, accepted string) (*os.File, fs.FileInfo) {
	full := filepath.Join(h.root, filepath.FromSlash(name))
	if info, err := os.Stat(full); err != nil || !info.Mode().IsRegular() {
		return nil, nil
	}
	for _, v := range []struct{ coding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}, {"", ""}} {
		if v.coding != "" && !accepts(accepted, v.coding) {
			continue
		}
		f, err := os.Open(full + v.suffix)
		if err != nil {
			continue
		}
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return f, info
		}
		f.Close()
	}
	return nil, nil
}

// accepts reports whether a client takes a content coding (RFC 9110, section
// 12.5.3). A wildcard counts for none, as in nginx.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q, ok := strings.CutPrefix(strings.TrimSpace(params), "q=")
		if !ok {
			return true
		}
		v, err := strconv.ParseFloat(q, 64)
		return err == nil && v > 0
	}
	return false
}

// serve answers with an open file.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, name string, f *os.File, info fs.FileInfo) {
	header := w.Header()
	header.Set("Content-Type", mediaTypes[path.Ext(name)])
	switch {
	case name == catalog:
		header.Set("Content-Type", catalogType)
	case strings.HasSuffix(name, route.JSONFeedEnding):
		header.Set("Content-Type", route.ChangesFeed.Get().MediaType())
	}
	switch path.Ext(f.Name()) {
	case ".br":
		header.Set("Content-Encoding", "br")
	case ".gz":
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("Vary", "Accept-Encoding")
	// The form is nginx's: modification time and length, in hexadecimal.
	header.Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().Unix(), info.Size()))
	serveContent(w, r, f, info)
}

// asksForPart reports whether a query may cut a collection. A name with an
// escape may be offset or limit in disguise.
func asksForPart(r *http.Request) bool { return partial.MatchString(r.URL.RawQuery) }

var (
	partial = regexp.MustCompile(`(^|&)(offset|limit|[^=&]*%[^=&]*)(=|&|$)`)
	fromAll = regexp.MustCompile(`^offset=0&?$`)
	asMuch  = regexp.MustCompile(`^(offset=0&)?limit=` + strconv.Itoa(route.MaxLimit) + `(&offset=0)?&?$`)
)

// whole answers, while the live half is down, what asks for no more of a
// collection than a file has.
func (h *Handler) whole(w http.ResponseWriter, r *http.Request, p string) {
	var from []string
	switch query := r.URL.RawQuery; {
	case fromAll.MatchString(query):
		from = []string{p}
	case asMuch.MatchString(query):
		from = []string{"/" + h.o.SliceDir + p, p}
	default:
		h.unavailable(w, r)
		return
	}
	for _, name := range from {
		for _, candidate := range []string{name + ".json", name} {
			if f, info := h.open(candidate, r.Header.Get("Accept-Encoding")); f != nil {
				defer f.Close()
				w.Header().Set("Cache-Control", cacheOf(r, api.BriefCache))
				h.serve(w, r, candidate, f, info)
				return
			}
		}
	}
	h.refuse(w, r, missing(route.WithoutSuffix(p)))
}

// hasVersions reports whether the resource that a version is asked of exists.
func (h *Handler) hasVersions(id route.ID, args []string) bool {
	of := route.Versions
	if parent := id.Get().Parent; id != route.VersionDetail {
		of = parent
	}
	info, err := os.Stat(filepath.Join(h.root, filepath.FromSlash(of.File(args[:len(args)-1]...))))
	return err == nil && info.Mode().IsRegular()
}
