package blazar

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"
)

const (
	// chunkSize is the length in bytes of the parts that a body is read in.
	chunkSize = 64 << 10
	// largeBody is the length in bytes above which responses are decoded one at a
	// time, since decoding may take several times the memory of the text. The response
	// of a site with a thousand hosts is shorter.
	largeBody = 1 << 20
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

// get sends a request, reads the response up to its limit, and decodes it. The body is
// read completely before, so that a site that sends it slowly does not hold the gate.
func (c *Client) get(ctx context.Context, s *session, r request) error {
	try := operation{doing: r.doing + " at " + originOf(r.service.Endpoint), rule: r.rule}
	target := r.service.ServiceURL(r.path)
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}

	limited := ctx
	if !r.small {
		limited = withLimit(ctx, c.env.Limits.Bytes)
	}

	resp, err := r.service.Get(limited, target, nil, &gophercloud.RequestOpts{
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

	body, size, err := readBody(resp.Body)
	_ = resp.Body.Close() // it was read

	if err != nil {
		return c.failure(ctx, s, try, err)
	}

	if size > largeBody {
		if err := c.env.Gate.Acquire(ctx, 1); err != nil {
			return c.failure(ctx, s, try, err)
		}
		defer c.env.Gate.Release(1)
	}

	if err := r.read(body); err != nil {
		return c.failure(ctx, s, try, malformed(resp.Header.Get("Content-Type"), err))
	}

	return nil
}

// readBody reads to the end, and returns what it read and its length. It keeps chunks,
// each of which is freed when it was read again: one buffer that grows would need
// several times the memory.
func readBody(r io.Reader) (body io.Reader, size int64, err error) {
	var chunks []io.Reader
	for {
		// ReadFrom, which CopyN calls, wants MinRead bytes to spare.
		chunk := bytes.NewBuffer(make([]byte, 0, chunkSize+bytes.MinRead))
		n, err := io.CopyN(chunk, r, chunkSize)
		chunks = append(chunks, chunk)
		size += n

		switch {
		case errors.Is(err, io.EOF):
			return io.MultiReader(chunks...), size, nil
		case err != nil:
			return nil, 0, err
		}
	}
}
