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

// sureRange matches ranges that every file has.
var sureRange = regexp.MustCompile(`(?i)` + route.SatisfiableRange)

// emptySuffix matches a suffix range of zero bytes, which is unsatisfiable (RFC
// 9110, section 14.1.2). [http.ServeContent] would answer 206, so it is replaced
// with a range that starts after the end of the file.
var emptySuffix = regexp.MustCompile(`(?i)^bytes=-0+$`)

// cacheOf returns the Cache-Control of a response with a file. Responses to ranges
// that may be unsatisfiable are not cached, as in nginx.conf.
func cacheOf(r *http.Request, cache string) string {
	if asked := r.Header.Get("Range"); asked == "" || sureRange.MatchString(asked) {
		return cache
	}
	return route.NoStore
}

// serveContent serves a file or a range of it. Preconditions (RFC 9110, section
// 13) and ranges (section 14) work as in nginx, not as in [http.ServeContent]:
// times are compared for equality, because a newer release may have an older time;
// compressed files have no ranges; and errors are problem documents.
func serveContent(w http.ResponseWriter, r *http.Request, f *os.File, info fs.FileInfo) {
	modified := info.ModTime().Truncate(time.Second)
	if since := r.Header.Get("If-Unmodified-Since"); since != "" {
		if t, err := http.ParseTime(since); err != nil || t.Before(modified) {
			(&refuser{ResponseWriter: w, request: r}).WriteHeader(http.StatusPreconditionFailed)
			return
		}
	}

	// What [http.ServeContent] would evaluate differently is removed or rewritten.
	asked := r
	r = r.Clone(r.Context())
	r.Header.Del("If-Unmodified-Since")

	if since := r.Header.Get("If-Modified-Since"); since != "" {
		if t, err := http.ParseTime(since); err != nil || !t.Equal(modified) {
			r.Header.Del("If-Modified-Since")
			r.Header.Del("If-None-Match")
		}
	}

	// [http.ServeContent] accepts the unit in lower case only.
	const unit = "bytes="
	switch ranges := r.Header.Get("Range"); {
	case len(ranges) <= len(unit), !strings.EqualFold(ranges[:len(unit)], unit),
		w.Header().Get("Content-Encoding") != "":
		r.Header.Del("Range")
	case emptySuffix.MatchString(ranges):
		r.Header.Set("Range", fmt.Sprintf("%s%d-", unit, info.Size()))
	default:
		r.Header.Set("Range", unit+ranges[len(unit):])
	}

	// Only these can fail. Without the wrapper, files are sent with sendfile(2).
	if r.Header.Get("If-Match") != "" || r.Header.Get("Range") != "" {
		w = &refuser{ResponseWriter: w, request: asked, size: info.Size()}
	}

	http.ServeContent(w, r, "", info.ModTime(), f)
}

// refuser replaces the errors of [http.ServeContent] with problem documents.
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

// Write implements [http.ResponseWriter]. It drops the text of an error, which
// WriteHeader has replaced.
func (w *refuser) Write(body []byte) (int, error) {
	if w.refused {
		return len(body), nil
	}
	return w.ResponseWriter.Write(body)
}
