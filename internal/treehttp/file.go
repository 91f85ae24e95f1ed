package treehttp

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// serveFile serves the file of a path, if there is one: its JSON, the file of that
// name, or its page.
func (h *Handler) serveFile(w http.ResponseWriter, r *http.Request, p string) bool {
	header := w.Header()
	for _, candidate := range h.candidates(p) {
		f, info := h.openFile(candidate, r.Header["Accept-Encoding"])
		if f == nil {
			continue
		}
		defer f.Close()

		switch {
		case candidate == "/"+route.Root.File():
			if p == "/" {
				header.Set("Vary", route.FrontVary)
			}
			header.Set("Link", strings.Join(route.ServiceLinks(h.opts.Base), ", "))
		case p == route.APICatalog:
			header.Set("Link", fmt.Sprintf(`<%s%s>; rel="api-catalog"`, h.opts.Base, route.APICatalog))
		case path.Ext(candidate) == ".html":
			header.Set("Content-Security-Policy", h.opts.ContentPolicy())
			h.deprecate(header, p)
		}

		class := route.ClassOf(p)
		header.Set("Cache-Control", cacheOf(r, class.Control))
		setHeaders(header, h.opts.Tags(class))
		h.serve(w, r, candidate, f, info)
		return true
	}

	return false
}

// serveFront serves the first page at the root, if there is one.
func (h *Handler) serveFront(w http.ResponseWriter, r *http.Request) bool {
	const page = string(route.HardwareList) + "/index.html"
	f, info := h.openFile(page, r.Header["Accept-Encoding"])
	if f == nil {
		return false
	}
	defer f.Close()

	header := w.Header()
	header.Set("Vary", route.FrontVary)
	header.Set("Cache-Control", cacheOf(r, route.CacheFront))
	header.Set("Link", strings.Join(route.ServiceLinks(h.opts.Base), ", "))
	header.Set("Content-Security-Policy", h.opts.ContentPolicy())
	setHeaders(header, h.opts.Tags(route.ClassOf("/")))
	h.serve(w, r, page, f, info)
	return true
}

// missingPage answers with the page for what does not exist; false if there is none.
func (h *Handler) missingPage(w http.ResponseWriter, r *http.Request) bool {
	body, err := os.ReadFile(filepath.Join(h.root, filepath.FromSlash(api.NotFoundPage)))
	if err != nil {
		return false
	}

	header := w.Header()
	header.Set("Content-Type", route.ContentType(api.NotFoundPage))
	header.Set("Cache-Control", route.ErrorCacheControl(http.StatusNotFound))
	header.Set("Content-Security-Policy", h.opts.ContentPolicy())
	w.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may be gone
	}

	return true
}

// candidates returns the files that a path may name, in the order in which nginx
// tries them. Sidecars and index files have no URL of their own.
func (h *Handler) candidates(p string) []string {
	top, _, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/")
	hidden := top == api.ProblemDir || top == tree.StoreDir
	switch ext := path.Ext(p); {
	case p == "/" || p == "/.json":
		return []string{"/" + route.Root.File()}
	case p == "/index", p == "/index.json", hidden, strings.HasSuffix(p, "/"):
		return nil
	case strings.HasSuffix(p, "/index.html"), ext == ".gz", ext == ".br":
		return []string{p + ".json"}
	}

	return []string{p + ".json", p, p + "/index.html"}
}

// openFile opens a file of the release or of its store, or its best sidecar that the
// client accepts; nil if there is none.
func (h *Handler) openFile(name string, accepted []string) (*os.File, fs.FileInfo) {
	full := filepath.Join(h.root, filepath.FromSlash(name))
	if !isFile(full) {
		full = filepath.Join(h.root, tree.StoreDir, filepath.FromSlash(name))
	}
	if !isFile(full) {
		return nil, nil
	}

	for _, v := range []struct{ coding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}, {"", ""}} {
		if v.coding != "" && !route.Accepts(accepted, v.coding) {
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

// serve serves an open file.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, name string, f *os.File, info fs.FileInfo) {
	header := w.Header()
	header.Set("Content-Type", route.ContentType(name))

	switch path.Ext(f.Name()) {
	case ".br":
		header.Set("Content-Encoding", "br")
	case ".gz":
		header.Set("Content-Encoding", "gzip")
	}

	if header.Get("Vary") == "" {
		header.Set("Vary", "Accept-Encoding")
	}

	// As in nginx: modification time and length, in hexadecimal.
	header.Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().Unix(), info.Size()))
	serveContent(w, r, f, info)
}

// slice matches queries that may ask for a slice of a collection.
var slice = regexp.MustCompile(route.SlicePattern)
