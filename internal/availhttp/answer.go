package availhttp

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/chameleoncloud/refapi/internal/query"
	"github.com/chameleoncloud/refapi/internal/resource"
)

// content is a body with what is made from it, made at most once. It never
// changes otherwise.
type content struct {
	body []byte
	etag string // without quotes

	once   sync.Once
	packed []byte // gzip, nil where that does not pay
}

func newContent(body []byte) *content {
	return &content{body: body, etag: strconv.FormatUint(xxhash.Sum64(body), 36) + "-" + strconv.FormatInt(int64(len(body)), 36)}
}

// worthwhile is the length from which compression pays.
const worthwhile = 1 << 10

// gzip returns the compressed body, nil where there is none.
func (c *content) gzip() []byte {
	if len(c.body) < worthwhile {
		return nil
	}
	c.once.Do(func() {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		if err != nil {
			return
		}
		if _, err := z.Write(c.body); err == nil && z.Close() == nil && b.Len() < len(c.body) {
			c.packed = b.Bytes()
		}
	})
	return c.packed
}

// answer is what a request gets.
type answer struct {
	status  int // 0 is 200
	kind    string
	content *content // nil for none
	// modified is when the data was last new; zero: it is not told.
	modified time.Time
	// fixed says that the answer changes with modified alone, so that a client
	// may ask by that time.
	fixed bool
	// until is when the answer may be another; zero: nobody may keep it.
	until   time.Time
	headers [][2]string
}

// good answers with a JSON body.
func good(body []byte) answer { return answer{kind: "application/json", content: newContent(body)} }

// problem answers with an error.
func problem(p resource.Problem) answer {
	a := answer{status: p.Status, kind: "application/problem+json", content: newContent(p.Body())}
	if p.Status == http.StatusServiceUnavailable {
		a.headers = append(a.headers, [2]string{"Retry-After", "5"})
	}
	return a
}

// faulty answers a query that is wrong.
func faulty(f query.Faults) answer {
	return answer{status: query.Status, kind: "application/json", content: newContent(f.Body())}
}

// redirect leads to another address.
func redirect(to string) answer {
	return answer{status: http.StatusTemporaryRedirect, headers: [][2]string{{"Location", to}}}
}

// write sends the answer and returns its status and the bytes of its body.
func (a answer) write(w http.ResponseWriter, r *http.Request, now time.Time) (status, size int) {
	header := w.Header()
	for _, h := range a.headers {
		header[h[0]] = []string{h[1]}
	}
	header["Cache-Control"] = []string{a.cacheControl(now)}
	if a.content == nil {
		w.WriteHeader(a.status)
		return a.status, 0
	}
	header["Vary"] = []string{"Accept-Encoding"}
	header["Content-Type"] = []string{a.kind}
	body, etag := a.content.body, `"`+a.content.etag+`"`
	if len(body) >= worthwhile && acceptsGzip(r) {
		if packed := a.content.gzip(); packed != nil {
			body, etag = packed, `"`+a.content.etag+`-gz"`
			header["Content-Encoding"] = []string{"gzip"}
		}
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.status == http.StatusOK {
		header["Etag"] = []string{etag}
		if !a.modified.IsZero() {
			header["Last-Modified"] = []string{a.modified.UTC().Format(http.TimeFormat)}
		}
		if a.isFresh(r, etag) {
			delete(header, "Content-Type")
			delete(header, "Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return http.StatusNotModified, 0
		}
	}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(a.status)
	if r.Method == http.MethodHead {
		return a.status, 0
	}
	size, _ = w.Write(body) // the client may be gone
	return a.status, size
}

// cacheControl says how long an answer may be kept (RFC 9111).
func (a answer) cacheControl(now time.Time) string {
	switch {
	case a.status == http.StatusNoContent:
		return "max-age=86400"
	case a.status == http.StatusTemporaryRedirect:
		return "public, max-age=60"
	case a.status == http.StatusNotFound:
		return "public, max-age=10"
	case a.until.IsZero():
		return "no-store"
	}
	return "public, max-age=" + strconv.Itoa(max(0, int(a.until.Sub(now)/time.Second)))
}

// isFresh reports whether the client has this answer (RFC 9110, section 13).
func (a answer) isFresh(r *http.Request, etag string) bool {
	if r.Method == http.MethodPost {
		return false
	}
	if tags := r.Header.Values("If-None-Match"); len(tags) > 0 {
		for _, list := range tags {
			for tag := range strings.SplitSeq(list, ",") {
				if tag = strings.TrimSpace(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
					return true
				}
			}
		}
		return false
	}
	if !a.fixed || a.modified.IsZero() {
		return false
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !a.modified.Truncate(time.Second).After(since)
}

// acceptsGzip reports whether a client takes gzip (RFC 9110, section 12.5.3).
func acceptsGzip(r *http.Request) bool {
	accept := r.Header.Get("Accept-Encoding")
	if accept == "gzip" {
		return true
	}
	for coding := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if name = strings.TrimSpace(name); !strings.EqualFold(name, "gzip") && name != "*" {
			continue
		}
		_, q, ok := strings.Cut(weight, "=")
		if !ok {
			return true
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return err == nil && value > 0
	}
	return false
}
