package blazar

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"
)

// request is a question to a service.
type request struct {
	doing   string // in words, for errors
	service *gophercloud.ServiceClient
	path    string // below the service's endpoint
	query   url.Values
	rule    string // the policy rule that allows it
	small   bool   // the answer is short
	// read takes the answer in. What it returns beside a reader's own errors
	// is about the answer's form.
	read func(io.Reader) error
	// missing is the error for a 404, where that is an answer.
	missing error
}

// get asks, reads the answer within its bound, and hands it to the request's
// reader.
func (c *Client) get(ctx context.Context, s *session, r request) error {
	try := operation{doing: r.doing + " at " + originOf(r.service.Endpoint), rule: r.rule}
	address := r.service.ServiceURL(r.path)
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}

	limit := c.options.MaxBody
	if r.small {
		limit = min(limit, maxSmallBody)
	}

	resp, err := r.service.Get(withLimit(ctx, limit), address, nil, &gophercloud.RequestOpts{
		MoreHeaders:      map[string]string{"Accept": "application/json"}, // without it Blazar answers 500
		KeepResponseBody: true,
		OkCodes:          []int{http.StatusOK},
	})
	if err != nil {
		if r.missing != nil && gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
			return r.missing
		}
		return c.failure(ctx, s, try, err)
	}

	body, err := readBody(resp.Body)
	_ = resp.Body.Close() // it was read

	if err != nil {
		return c.failure(ctx, s, try, &readError{err})
	}

	if body.size > largeBody {
		if err := c.options.Gate.Enter(ctx); err != nil {
			return c.failure(ctx, s, try, err)
		}
		defer c.options.Gate.Leave()
	}

	if err := r.read(body); err != nil {
		return c.failure(ctx, s, try, &malformed{contentType: resp.Header.Get("Content-Type"), err: err})
	}

	return nil
}

// readError is an error of reading an answer, not of what it says.
type readError struct{ error }

func (b *readError) Unwrap() error { return b.error }

// malformed says that an answer came, but not one that the service gives.
type malformed struct {
	contentType string
	err         error
}

func (m *malformed) Unwrap() error { return m.err }

func (m *malformed) Error() string {
	var syntax *json.SyntaxError
	switch {
	case errors.As(m.err, &syntax):
		kind, _, err := mime.ParseMediaType(m.contentType)
		if err != nil {
			kind = "unknown"
		}
		// The error's text would quote what stands there.
		return fmt.Sprintf("response is not JSON at byte %d; its content type is %s", syntax.Offset, sanitize(kind))
	case errors.Is(m.err, io.ErrUnexpectedEOF):
		return "unexpected end of JSON"
	}

	return m.err.Error()
}
