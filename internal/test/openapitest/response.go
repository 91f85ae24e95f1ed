package openapitest

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/chameleoncloud/refapi/internal/route"
)

// Response checks a whole response. The target is what the request line had,
// or an absolute URL; path prefixes of the document's server may be there or
// not. Of a response to HEAD the body must be empty.
func (v *Validator) Response(method, target string, status int, h http.Header, body []byte) error {
	if err := v.response(method, target, status, h, body); err != nil {
		return fmt.Errorf("%s %s: %d: %w", method, target, status, err)
	}
	return nil
}

// Body checks a body of which no headers are known, as that of a file.
func (v *Validator) Body(target string, status int, contentType string, body []byte) error {
	r, err := v.describe(http.MethodGet, target, status)
	if err == nil {
		err = r.body(contentType, body)
	}
	if err != nil {
		return fmt.Errorf("%s: %d: %w", target, status, err)
	}
	return nil
}

// Component checks a JSON text against a schema of the document's components.
func (v *Validator) Component(name string, text []byte) error {
	s, ok := v.schemas[name]
	if !ok {
		return fmt.Errorf("the document has no schema %q", name)
	}

	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("read JSON: %w", err)
	}

	return s.Validate(value)
}

func (v *Validator) response(method, target string, status int, h http.Header, body []byte) error {
	if method == http.MethodOptions {
		return preflight(status, h, body)
	}
	if slashed(target) && (status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect) {
		if h.Get("Location") == "" {
			return fmt.Errorf("the header Location is missing")
		}
		return nil
	}

	if isPage(strings.TrimPrefix(address(target), v.base), status, h) {
		return nil
	}

	r, err := v.describe(method, target, status)
	if err != nil {
		return err
	}
	if err := r.head(h); err != nil {
		return err
	}
	if method != http.MethodHead {
		return r.body(h.Get("Content-Type"), body)
	}
	if len(body) > 0 {
		return fmt.Errorf("there is a body of %d bytes", len(body))
	}
	if len(r.content) == 0 {
		return nil
	}

	_, err = r.media(h.Get("Content-Type"))
	return err
}

// isPage reports whether a response is a page that stands where the document has
// something else: what browsers get at the root, or a 404 below pages.
func isPage(path string, status int, h http.Header) bool {
	return strings.HasPrefix(h.Get("Content-Type"), "text/html") &&
		(path == "/" && h.Get("Vary") == route.FrontVary || status == http.StatusNotFound && route.HasPageErrors(path))
}

// preflight checks the answer to OPTIONS, which the document has in words.
func preflight(status int, h http.Header, body []byte) error {
	switch {
	case status != http.StatusNoContent:
		return fmt.Errorf("the status is not %d", http.StatusNoContent)
	case len(body) > 0:
		return fmt.Errorf("there is a body of %d bytes", len(body))
	case h.Get("Access-Control-Allow-Origin") == "" || h.Get("Access-Control-Allow-Methods") == "":
		return fmt.Errorf("the headers of a preflight are missing")
	}
	return nil
}

// describe finds what the document says of a status.
func (v *Validator) describe(method, target string, status int) (response, error) {
	if method == http.MethodHead {
		method = http.MethodGet // the same but for the body
	}

	path := address(target)
	pattern, known := v.pattern(path)
	op, ok := v.paths[pattern][method]

	switch {
	case !known:
		op = v.refused("NotFound")
	case !ok:
		op = v.refused("")
	}

	r, ok := op.of(status)
	switch {
	case ok && path == "":
		return r.anyDetail(), nil // which of the texts depends on who decodes
	case ok:
		return r, nil
	case !known:
		return r, fmt.Errorf("no route of the document has this shape, and the status is not that of an error")
	}

	return r, fmt.Errorf("the document does not have this status for %s of %s", method, pattern)
}

// refused is what answers a request that no operation describes.
func (v *Validator) refused(notFound string) operation {
	op := operation{}
	for status, name := range map[string]string{
		"404": notFound, "405": "MethodNotAllowed", "4XX": "RequestRefused", "429": "TooManyRequests", "500": "InternalServerError",
		"501": "NotImplemented", "503": "NothingHasBeenPublishedYet", "505": "HTTPVersionNotSupported",
	} {
		if r, ok := v.shared[name]; ok {
			op[status] = r
		}
	}

	return op
}

// pattern finds the path item of a decoded path.
func (v *Validator) pattern(path string) (string, bool) {
	if rest, ok := strings.CutPrefix(path, v.base); ok && (rest == "" || rest[0] == '/') {
		path = cmp.Or(rest, "/")
	}

	if short, ok := strings.CutSuffix(path, ".json"); ok {
		if id, _, ok := route.Match(short); ok && id.Get().Suffix() {
			return id.Get().Pattern, true
		}
	}

	id, _, ok := route.Match(path)
	if !ok {
		return "", false
	}

	return id.Get().Pattern, true
}

// address is the decoded path of a request's target, "" for one that no route
// has because of what is encoded in it.
func address(target string) string {
	u, err := url.Parse(target)
	if err != nil || route.IsRefused(u) {
		return ""
	}
	return u.Path
}

// slashed reports whether a target ends in a slash that leads elsewhere.
func slashed(target string) bool {
	path, _, _ := strings.Cut(target, "?")
	return len(path) > 1 && strings.HasSuffix(path, "/")
}
