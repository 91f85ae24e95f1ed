package treehttp

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

var sureRange = regexp.MustCompile(`(?i)` + route.SatisfiableRange)

// emptySuffix is a range of no bytes at the end. No file has it (RFC 9110, section
// 14.1.2), but [http.ServeContent] answers it with 206: what begins behind the file
// stands in for it.
var emptySuffix = regexp.MustCompile(`(?i)^bytes=-0+$`)

// cacheOf is the Cache-Control of a file's answer. A range that the file may not
// have is not for caches, as in nginx.conf.
func cacheOf(r *http.Request, cache string) string {
	if asked := r.Header.Get("Range"); asked == "" || sureRange.MatchString(asked) {
		return cache
	}
	return route.NoStore
}

// serveContent answers with a file's content, or with a part of it. Preconditions
// (RFC 9110, section 13) and ranges (section 14) are read as nginx reads them,
// which differs from [http.ServeContent]: times are compared for equality,
// because a newer release may have an older time; compressed files have no
// ranges; and refusals are problem documents.
func serveContent(w http.ResponseWriter, r *http.Request, f *os.File, info fs.FileInfo) {
	modified := info.ModTime().Truncate(time.Second)
	if since := r.Header.Get("If-Unmodified-Since"); since != "" {
		if t, err := http.ParseTime(since); err != nil || t.Before(modified) {
			(&refuser{ResponseWriter: w, request: r}).WriteHeader(http.StatusPreconditionFailed)
			return
		}
	}

	asked := r
	r = r.Clone(r.Context())
	r.Header.Del("If-Unmodified-Since")

	if since := r.Header.Get("If-Modified-Since"); since != "" {
		if t, err := http.ParseTime(since); err != nil || !t.Equal(modified) {
			r.Header.Del("If-Modified-Since")
			r.Header.Del("If-None-Match")
		}
	}

	// http.ServeContent knows the unit in lower case only.
	const unit = "bytes="
	switch ranges := r.Header.Get("Range"); {
	case len(ranges) <= len(unit), !strings.EqualFold(ranges[:len(unit)],
		unit), w.Header().Get("Content-Encoding") != "":
		r.Header.Del("Range")
	case emptySuffix.MatchString(ranges):
		r.Header.Set("Range", fmt.Sprintf("%s%d-", unit, info.Size()))
	default:
		r.Header.Set("Range", unit+ranges[len(unit):])
	}

	// Only these are refused. Without the wrapper, files go to sockets unread.
	if r.Header.Get("If-Match") != "" || r.Header.Get("Range") != "" {
		w = &refuser{ResponseWriter: w, request: asked, size: info.Size()}
	}

	http.ServeContent(w, r, "", info.ModTime(), f)
}

// refuser answers with problem documents where [http.ServeContent] refuses.
type refuser struct {
	http.ResponseWriter
	request *http.Request
	size    int64 // of the file, in bytes
	refused bool
}

// WriteHeader implements [http.ResponseWriter].
func (w *refuser) WriteHeader(status int) {
	var p api.Problem
	header := w.Header()
	switch status {
	case http.StatusPreconditionFailed:
		p = api.PreconditionFailed
		for _, name := range []string{"Vary", "Link", "Content-Security-Policy"} {
			header.Del(name)
		}
	case http.StatusRequestedRangeNotSatisfiable:
		p = api.RangeNotSatisfiable
		header.Set("Content-Range", fmt.Sprintf("bytes */%d", w.size))
	default:
		w.ResponseWriter.WriteHeader(status)
		return
	}

	w.refused = true
	for _, name := range []string{"ETag", "Last-Modified", "Accept-Ranges", "Content-Encoding", "Content-Length"} {
		header.Del(name)
	}

	problem(w.ResponseWriter, w.request, p)
}

// Write implements [http.ResponseWriter]. What [http.ServeContent] says of a
// refusal is dropped.
func (w *refuser) Write(body []byte) (int, error) {
	if w.refused {
		return len(body), nil
	}
	return w.ResponseWriter.Write(body)
}
