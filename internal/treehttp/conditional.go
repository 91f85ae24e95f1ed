package treehttp

import (
	"cmp"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// sureRange matches ranges that every file has.
var sureRange = regexp.MustCompile(`(?i)` + route.SatisfiableRange)

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
	ranges := r.Header.Get("Range")
	if len(ranges) <= len(unit) || !strings.EqualFold(ranges[:len(unit)], unit) ||
		w.Header().Get("Content-Encoding") != "" {
		r.Header.Del("Range")
	} else if found := satisfiable(ranges[len(unit):], info.Size()); len(found) > 1 {
		r.Header.Del("Range")
	} else {
		// Of none, one that is behind the end, so that the answer is a 416.
		r.Header.Set("Range", unit+append(found, fmt.Sprintf("%d-", info.Size()))[0])
	}

	// Only these can fail. Without the wrapper, files are sent with sendfile(2).
	if r.Header.Get("If-Match") != "" || r.Header.Get("Range") != "" {
		w = &refuser{ResponseWriter: w, request: asked, size: info.Size()}
	}

	http.ServeContent(w, r, "", info.ModTime(), f)
}

// satisfiable returns those ranges of a list that a file of a size has (RFC 9110,
// section 14.1.2), none if one of them cannot be read.
func satisfiable(list string, size int64) (found []string) {
	for spec := range strings.SplitSeq(list, ",") {
		spec = strings.TrimSpace(spec)
		first, last, ok := strings.Cut(spec, "-")
		start, err := strconv.ParseInt(cmp.Or(first, last), 10, 64)
		end, endErr := strconv.ParseInt(cmp.Or(last, "9223372036854775807"), 10, 64)

		switch {
		case !ok || err != nil || endErr != nil:
			return nil
		case first == "" && end > 0, first != "" && start < size && start <= end:
			found = append(found, spec)
		}
	}
	return found
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
		for _, name := range []string{"Vary", "Link", "Deprecation", "Sunset", "Content-Security-Policy"} {
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
