package watch

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Paths that open pages request, below the site's prefix. They are not part of the API.
const (
	EventsPath = "/-/events"    // a stream of updates
	UpdatePath = "/-/update"    // the latest update
	ScriptPath = "/-/reload.js" // the script of pages
)

//go:embed reload.js
var script []byte

// Reloader notifies open pages of a new release, or of the error that prevented one.
type Reloader struct {
	prefix string // of the site's paths, "" for none

	mu      sync.Mutex
	latest  update
	changed chan struct{} // closed when there is a newer update
}

type update struct {
	Release string `json:"release"`         // id of the live release
	Error   string `json:"error,omitempty"` // why a newer one was not published
}

// NewReloader returns a Reloader for a site with a path prefix and its current release.
func NewReloader(prefix, release string) *Reloader {
	return &Reloader{prefix: prefix, latest: update{Release: release}, changed: make(chan struct{})}
}

// Published notifies pages of a new release.
func (r *Reloader) Published(release string) { r.set(update{Release: release}) }

// Broken notifies pages of the error that prevented a new release.
func (r *Reloader) Broken(message string) {
	r.mu.Lock()
	release := r.latest.Release
	r.mu.Unlock()
	r.set(update{Release: release, Error: message})
}

func (r *Reloader) set(n update) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n == r.latest {
		return
	}
	r.latest = n
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *Reloader) current() (update, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.latest, r.changed
}

// Wrap serves the requests of open pages, and injects the script that sends them into
// every page of next.
func (r *Reloader) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch req.URL.Path {
		case r.prefix + EventsPath:
			r.sendEvents(w, req)
		case r.prefix + UpdatePath:
			r.sendLatest(w)
		case r.prefix + ScriptPath:
			w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
			w.Header().Set("Cache-Control", "no-cache")
			_, _ = w.Write(script) // the client may be gone

		default:
			if !strings.Contains(req.Header.Get("Accept"), "text/html") {
				next.ServeHTTP(w, req)
				return
			}

			// The page is modified on its way: it must come complete and uncompressed.
			req.Header.Del("Accept-Encoding")
			req.Header.Del("If-None-Match")
			req.Header.Del("If-Modified-Since")
			req.Header.Del("Range")
			in := &injector{ResponseWriter: w, element: r.element()}
			next.ServeHTTP(in, req)
			in.finish()
		}
	})
}

// element returns the tag that loads the script. It names the release as of before the
// page is read, so that the script notices an outdated page.
func (r *Reloader) element() []byte {
	n, _ := r.current()
	return fmt.Appendf(nil, `<script src="%s" data-release="%s" defer></script></head>`,
		html.EscapeString(r.prefix+ScriptPath), html.EscapeString(n.Release))
}

// sendLatest sends only the latest update, for a page without a stream, or one that was
// hidden for a while.
func (r *Reloader) sendLatest(w http.ResponseWriter) {
	n, _ := r.current()
	text, err := json.Marshal(n)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}

	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text) // the client may be gone
}

// sendEvents sends updates as server-sent events (HTML Living Standard, 9.2).
func (r *Reloader) sendEvents(w http.ResponseWriter, req *http.Request) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")

	for {
		n, changed := r.current()
		text, err := json.Marshal(n)
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}

		select {
		case <-changed:
		case <-req.Context().Done():
			return
		}
	}
}

// injector buffers a page until it is complete, and adds the script.
type injector struct {
	http.ResponseWriter
	element []byte // the script's tag and </head>
	status  int
	page    *bytes.Buffer // nil if the response is not a page
}

// WriteHeader implements [http.ResponseWriter].
func (i *injector) WriteHeader(status int) {
	i.status = status
	if status == http.StatusOK && strings.HasPrefix(i.Header().Get("Content-Type"), "text/html") {
		i.page = &bytes.Buffer{}
		return
	}
	i.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (i *injector) Write(b []byte) (int, error) {
	if i.status == 0 {
		i.WriteHeader(http.StatusOK)
	}
	if i.page != nil {
		return i.page.Write(b)
	}
	return i.ResponseWriter.Write(b)
}

func (i *injector) finish() {
	if i.page == nil {
		return
	}

	body := bytes.Replace(i.page.Bytes(), []byte("</head>"), i.element, 1)
	i.Header().Set("Content-Length", strconv.Itoa(len(body)))
	i.Header().Set("Cache-Control", "no-cache")
	i.Header().Del("ETag")
	i.ResponseWriter.WriteHeader(i.status)
	_, _ = i.ResponseWriter.Write(body) // the client may be gone
}
