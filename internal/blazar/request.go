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

// request is a GET to a service.
type request struct {
	doing   string // a description, for errors
	service *gophercloud.ServiceClient
	path    string // below the service's endpoint
	query   url.Values
	rule    string // the policy rule that allows it
	small   bool   // the response is always short
	// read decodes the response. Its errors are about the format of the response.
	read func(io.Reader) error
	// missing is the error for a 404, where that is an expected response.
	missing error
}

// get sends a request, reads the response up to its limit, and decodes it.
func (c *Client) get(ctx context.Context, s *session, r request) error {
	try := operation{doing: r.doing + " at " + originOf(r.service.Endpoint), rule: r.rule}
	target := r.service.ServiceURL(r.path)
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}

	limit := c.options.MaxBody
	if r.small {
		limit = min(limit, maxSmallBody)
	}

	resp, err := r.service.Get(withLimit(ctx, limit), target, nil, &gophercloud.RequestOpts{
		MoreHeaders:      map[string]string{"Accept": "application/json"}, // without it Blazar responds 500
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

// readError is an error of the connection while a body is read, as opposed to one
// about its content.
type readError struct{ error }

func (e *readError) Unwrap() error { return e.error }

// malformed is the error for a response that is not in the service's format.
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
		// The text of the error is left out: it quotes the response.
		return fmt.Sprintf("response is not JSON at byte %d; its content type is %s", syntax.Offset, sanitize(kind))
	case errors.Is(m.err, io.ErrUnexpectedEOF):
		return "unexpected end of JSON"
	}

	return m.err.Error()
}
