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

// Paths below the site's own that open pages hear from. They are not of the API.
const (
	EventsPath = "/-/events"    // a stream of all news
	NewsPath   = "/-/news"      // the newest
	ScriptPath = "/-/reload.js" // what pages ask with
)

//go:embed reload.js
var script []byte

// Reloader tells open pages what has become of the site: a new release, or an
// error that keeps the last good one.
type Reloader struct {
	prefix string // of the site's paths, "" for none

	mu      sync.Mutex
	news    news
	changed chan struct{} // closed when there is newer news
}

type news struct {
	Release string `json:"release"`         // id of the live release
	Error   string `json:"error,omitempty"` // why a newer one was not published
}

// NewReloader starts with a release of a site whose paths start with prefix.
func NewReloader(prefix, release string) *Reloader {
	return &Reloader{prefix: prefix, news: news{Release: release}, changed: make(chan struct{})}
}

// Published tells of a new release.
func (r *Reloader) Published(release string) { r.set(news{Release: release}) }

// Broken tells why there is no new release.
func (r *Reloader) Broken(message string) {
	r.mu.Lock()
	release := r.news.Release
	r.mu.Unlock()
	r.set(news{Release: release, Error: message})
}

func (r *Reloader) set(n news) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n == r.news {
		return
	}
	r.news = n
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *Reloader) current() (news, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.news, r.changed
}

// Wrap answers pages' questions, and puts the script that asks them into every
// page of another handler.
func (r *Reloader) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch req.URL.Path {
		case r.prefix + EventsPath:
			r.events(w, req)
		case r.prefix + NewsPath:
			r.newest(w)
		case r.prefix + ScriptPath:
			w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
			w.Header().Set("Cache-Control", "no-cache")
			_, _ = w.Write(script) // the client may be gone
		default:
			if !strings.Contains(req.Header.Get("Accept"), "text/html") {
				next.ServeHTTP(w, req)
				return
			}
			req.Header.Del("Accept-Encoding") // the page is changed on its way
			req.Header.Del("If-None-Match")
			req.Header.Del("If-Modified-Since")
			req.Header.Del("Range")
			in := &injector{ResponseWriter: w, element: r.element()}
			next.ServeHTTP(in, req)
			in.finish()
		}
	})
}

// element loads the script. It names the release of before the page is read, so
// that a page that is older than the news finds out.
func (r *Reloader) element() []byte {
	n, _ := r.current()
	return fmt.Appendf(nil, `<script src="%s" data-release="%s" defer></script></head>`,
		html.EscapeString(r.prefix+ScriptPath), html.EscapeString(n.Release))
}

// newest sends the newest news alone, for a page that does not listen, or did
// not for a while.
func (r *Reloader) newest(w http.ResponseWriter) {
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

// events sends the news as server-sent events (HTML Living Standard, 9.2).
func (r *Reloader) events(w http.ResponseWriter, req *http.Request) {
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

// injector keeps a page back until it is complete, and adds the script.
type injector struct {
	http.ResponseWriter
	element []byte // what loads the script, and the end of the head
	status  int
	page    *bytes.Buffer // nil for what is no page
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
