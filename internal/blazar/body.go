package blazar

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A response is read completely before it is decoded, so that a site that sends it
// slowly does not hold the gate. Decoding may take several times the memory of the
// text, so only one large response is decoded at a time.
const (
	chunkSize = 64 << 10
	// largeBody is the length in bytes above which responses are decoded one at a
	// time. That of a site with a thousand hosts is shorter.
	largeBody = 1 << 20
	// maxElement bounds one host, or one host's allocations, in bytes: the decoder
	// buffers that much in addition to the body.
	maxElement = 1 << 20
	// maxName bounds ids and names of hosts and flavors, in bytes.
	maxName = 255
	// maxSmallBody bounds responses that are always short: those about flavors, and
	// Keystone's.
	maxSmallBody = 4 << 20
	// maxFlavors and maxSegments bound what is kept of responses about flavors.
	maxFlavors  = 20_000
	maxSegments = 10_000
)

// chunks is a body in memory. Reading frees the chunks that were read.
type chunks struct {
	parts [][]byte
	size  int
}

// readBody reads to the end.
func readBody(r io.Reader) (*chunks, error) {
	c := new(chunks)
	part := make([]byte, 0, chunkSize)
	for {
		n, err := r.Read(part[len(part):cap(part)])
		part = part[:len(part)+n]
		c.size += n

		if len(part) == cap(part) || err != nil {
			c.parts = append(c.parts, part)
			part = make([]byte, 0, chunkSize)
		}

		switch {
		case errors.Is(err, io.EOF):
			return c, nil
		case err != nil:
			return nil, err
		}
	}
}

// Read implements [io.Reader].
func (c *chunks) Read(p []byte) (int, error) {
	for len(c.parts) > 0 && len(c.parts[0]) == 0 {
		c.parts[0] = nil
		c.parts = c.parts[1:]
	}

	if len(c.parts) == 0 {
		return 0, io.EOF
	}

	n := copy(p, c.parts[0])
	c.parts[0] = c.parts[0][n:]
	return n, nil
}

// elementReader bounds how far a decoder may read ahead of its current value, and
// with that the size of a value.
type elementReader struct {
	from  io.Reader
	dec   *json.Decoder
	given int64 // bytes passed to dec
}

func (e *elementReader) Read(p []byte) (int, error) {
	if e.given-e.dec.InputOffset() > maxElement {
		return 0, &overLimit{what: fmt.Sprintf("the response has an element of more than %d bytes", maxElement)}
	}
	n, err := e.from.Read(p)
	e.given += int64(n)
	return n, err
}

// overLimit is the error for a response that exceeds one of our limits.
type overLimit struct {
	what string
	key  string // in [availability], that sets the limit; "" for none
}

func (o *overLimit) Error() string { return o.what }

func tooLongError(limit int64) *overLimit {
	return &overLimit{what: fmt.Sprintf("the response is longer than %d bytes", limit), key: "max_answer_mib"}
}

func tooManyError(limit int, what, key string) *overLimit {
	return &overLimit{what: fmt.Sprintf("the response has more than %d %s", limit, what), key: key}
}
