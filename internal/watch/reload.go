package watch

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Addresses that open pages hear from. They are not of the API.
const (
	EventsPath = "/-/events"
	ScriptPath = "/-/reload.js"
)

//go:embed reload.js
var script []byte

// Reloader tells open pages what has become of the site: a new release, or an
// error that keeps the last good one.
type Reloader struct {
	mu      sync.Mutex
	news    news
	changed chan struct{} // closed when there is newer news
}

type news struct {
	Release string `json:"release"`         // id of the live release
	Error   string `json:"error,omitempty"` // why a newer one was not published
}

// NewReloader starts with a release.
func NewReloader(release string) *Reloader {
	return &Reloader{news: news{Release: release}, changed: make(chan struct{})}
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
		case EventsPath:
			r.events(w, req)
		case ScriptPath:
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
			in := &injector{ResponseWriter: w}
			next.ServeHTTP(in, req)
			in.finish()
		}
	})
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
	status int
	page   *bytes.Buffer // nil for what is no page
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
	body := bytes.Replace(i.page.Bytes(), []byte("</head>"), []byte(`<script src="`+ScriptPath+`" defer></script></head>`), 1)
	i.Header().Set("Content-Length", strconv.Itoa(len(body)))
	i.Header().Set("Cache-Control", "no-cache")
	i.Header().Del("ETag")
	i.ResponseWriter.WriteHeader(i.status)
	_, _ = i.ResponseWriter.Write(body) // the client may be gone
}
