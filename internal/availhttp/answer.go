package availhttp

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// content is a body with its entity tag. Its compressed form and Last-Modified are
// computed at most once, on demand; otherwise it never changes.
type content struct {
	body []byte
	tag  string
	etag []string // the values of the header, one

	once    sync.Once
	gzipped *content // compressed, nil if that does not save anything

	date atomic.Pointer[[]string] // Last-Modified
}

func newContent(body []byte) *content { return taggedContent(body, hash(body)) }

// taggedContent returns a body with the name of its strong entity tag (RFC 9110,
// section 8.8.3).
func taggedContent(body []byte, tag string) *content {
	return &content{body: body, tag: tag, etag: []string{`"` + tag + `"`}}
}

// hash identifies a body.
func hash(body []byte) string {
	return strconv.FormatUint(xxhash.Sum64(body), 36) + "-" + strconv.FormatInt(int64(len(body)), 36)
}

// codingGzip is the name of gzip in headers.
const codingGzip = "gzip"

// lastModified returns the value of the header. It is formatted once: all calls for one
// content have the same time.
func (c *content) lastModified(t time.Time) []string {
	if v := c.date.Load(); v != nil {
		return *v
	}
	v := []string{t.UTC().Format(http.TimeFormat)}
	c.date.Store(&v)
	return v
}

// minCompressSize is the length from which compression is worth its time.
const minCompressSize = 1 << 10

// gzip returns the compressed content, nil where there is none. Each content coding
// needs an entity tag of its own.
func (c *content) gzip() *content {
	if len(c.body) < minCompressSize {
		return nil
	}
	c.once.Do(func() {
		if packed := compress(c.body); packed != nil {
			c.gzipped = taggedContent(packed, c.tag+"-gz")
		}
	})
	return c.gzipped
}

// compress compresses a body; nil if the result is not shorter.
func compress(body []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil
	}
	if _, err := z.Write(body); err != nil || z.Close() != nil || b.Len() >= len(body) {
		return nil
	}

	return b.Bytes()
}

// answer is the response to a request.
type answer struct {
	status  int      // 0 means 200
	content *content // nil for none
	problem bool     // the content is a problem document, not plain JSON
	headers http.Header
	// mediaType is that of a 200 that is not JSON, "" for JSON.
	mediaType string
	// lastModified is when the data last changed; zero omits the header.
	lastModified time.Time
	// byPreference means that the response depends on the header Prefer.
	byPreference bool
	// dated means that the response changes only with lastModified, so that
	// If-Modified-Since can be honored.
	dated bool
	// until is when the response may change; 0 means that it must not be stored.
	until availability.Time
	// stream writes a body of the given length instead of the content's; nil for none.
	length int
	stream func(io.Writer)
}

// okJSON responds with a value of package api.
func okJSON(body any) answer { return answer{content: newContent(api.Encode(body))} }

// problem responds with an error.
func problem(p api.Problem) answer {
	a := answer{status: p.Status, problem: true, content: newContent(p.Body())}
	if p.Status == http.StatusServiceUnavailable {
		a.headers = http.Header{"Retry-After": {route.RetryAfter(p.Status)}}
	}
	return a
}

// validationError responds to an invalid request.
func validationError(faults ...api.Fault) answer {
	a := okJSON(api.ValidationError{Detail: faults})
	a.status = http.StatusUnprocessableEntity
	return a
}

// notFound is a 404 with one of the contract's fixed texts.
func notFound(detail string) answer {
	return problem(api.Problem{Status: http.StatusNotFound, Detail: detail})
}

// notSynced is a 404 that the next sync may turn into a 200.
func notSynced(detail string) answer {
	a := notFound(detail)
	a.headers = http.Header{"Retry-After": {route.RetryAfter(http.StatusServiceUnavailable)}}
	return a
}

// headerValues are header values that all responses share, to save allocations. They
// must not be modified.
type headerValues struct {
	common                    http.Header // of every response
	vary, json, problem, gzip []string
	varyByPreference          []string

	maxAge [301][]string // Cache-Control, by seconds
}

func newHeaderValues() *headerValues {
	s := &headerValues{
		common:           http.Header{},
		vary:             []string{"Accept-Encoding"},
		varyByPreference: []string{"Accept-Encoding, Prefer"},
		json:             []string{route.JSONType},
		problem:          []string{route.ProblemType},
		gzip:             []string{codingGzip},
	}

	for _, h := range route.CommonHeaders() {
		s.common[h.Name] = []string{h.Value}
	}

	for n := range s.maxAge {
		s.maxAge[n] = []string{"public, max-age=" + strconv.Itoa(n)}
	}

	return s
}

// maxAutoContentLength is the length up to which net/http sets Content-Length itself.
// Leaving it out keeps the header map at eight entries, beyond which it would grow.
const maxAutoContentLength = 2 << 10

// write sends the response, and returns its status and the length of its body.
func (a *answer) write(w http.ResponseWriter, r *http.Request, now time.Time, values *headerValues) (status,
	size int) {
	header := w.Header()
	maps.Copy(header, a.headers)

	// Keys are assigned directly, in canonical form: Header.Set would allocate.
	header["Cache-Control"] = a.cacheControl(now, values)
	if a.content == nil {
		w.WriteHeader(a.status)
		return a.status, 0
	}

	header["Vary"] = values.vary
	if a.byPreference {
		header["Vary"] = values.varyByPreference
	}
	c := a.content
	if len(c.body) >= minCompressSize && route.Accepts(r.Header["Accept-Encoding"], codingGzip) {
		c = cmp.Or(c.gzip(), c)
	}

	if a.status == 0 {
		a.status = http.StatusOK
		header["Etag"] = c.etag

		// Last-Modified must not be in the future (RFC 9110, section 8.8.2.1).
		if a.lastModified.After(now) {
			a.lastModified = time.Time{}
		}
		if !a.lastModified.IsZero() {
			header["Last-Modified"] = c.lastModified(a.lastModified)
		}

		// A 304 has the same headers, except those that describe a body.
		if a.isFresh(r, c.etag[0]) {
			w.WriteHeader(http.StatusNotModified)
			return http.StatusNotModified, 0
		}
	}

	header["Content-Type"] = values.json
	if a.problem {
		header["Content-Type"] = values.problem
	} else if a.mediaType != "" {
		header["Content-Type"] = []string{route.WithCharset(a.mediaType)}
	}
	if c != a.content {
		header["Content-Encoding"] = values.gzip
	}

	length := len(c.body)
	if a.stream != nil {
		length = a.length
	}
	if length >= maxAutoContentLength || r.Method == http.MethodHead {
		header["Content-Length"] = []string{strconv.Itoa(length)}
	}

	w.WriteHeader(a.status)
	switch {
	case r.Method == http.MethodHead:
		return a.status, 0
	case a.stream != nil:
		a.stream(w)
		return a.status, length
	}

	size, _ = w.Write(c.body) // the client may be gone
	return a.status, size
}

// cacheControl is how long a response may be cached (RFC 9111).
func (a *answer) cacheControl(now time.Time, values *headerValues) []string {
	switch {
	case a.status == http.StatusNoContent:
		return []string{"max-age=" + route.PreflightMaxAge}
	case a.status == http.StatusTemporaryRedirect:
		return []string{route.CacheNewest}
	case a.status == http.StatusNotFound:
		return []string{route.CacheMissing}
	case a.until == 0:
		return []string{route.NoStore}
	}

	seconds := int(a.until.Std().Sub(now) / time.Second)
	return values.maxAge[min(max(seconds, 0), len(values.maxAge)-1)]
}

// isFresh reports whether the client already has this response (RFC 9110, section 13).
func (a *answer) isFresh(r *http.Request, etag string) bool {
	if r.Method == http.MethodPost {
		return false
	}
	if tags := r.Header["If-None-Match"]; len(tags) > 0 {
		for _, list := range tags {
			for tag := range strings.SplitSeq(list, ",") {
				if tag = strings.TrimSpace(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
					return true
				}
			}
		}
		return false
	}

	since := r.Header["If-Modified-Since"]
	if len(since) == 0 || !a.dated || a.lastModified.IsZero() {
		return false
	}

	// Equality instead of "not later": after a wrong clock was corrected, new data may be
	// dated before the client's.
	then, err := http.ParseTime(since[0])
	return err == nil && a.lastModified.Truncate(time.Second).Equal(then)
}
