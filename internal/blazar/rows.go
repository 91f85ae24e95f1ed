package blazar

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Bounds of what is kept of a response.
const (
	// maxElement bounds one host, or one host's allocations, in bytes: the decoder
	// buffers that much in addition to the body.
	maxElement = 1 << 20
	// maxName bounds ids and names of hosts and flavors, in bytes.
	maxName = 255
)

// readRows reads an object, and calls add with each element of the list that is its
// member of the given name. Elements are decoded one by one, to bound memory. What has
// another type than in T stays empty.
func readRows[T any](r io.Reader, name string, add func(row T) error) error {
	in := &elementReader{from: r}
	in.dec = json.NewDecoder(in)
	in.dec.UseNumber()

	found, err := findRows(in.dec, name, add)
	switch {
	case errors.Is(err, io.EOF): // Token returns it inside a value, too
		return io.ErrUnexpectedEOF
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("response has no list %q", name)
	}

	if _, err := in.dec.Token(); err == nil {
		return errors.New("trailing data after JSON value")
	} else if !errors.Is(err, io.EOF) {
		return err
	}

	return nil
}

// findRows is readRows without what follows the object. It reports whether the object
// has the list.
func findRows[T any](dec *json.Decoder, name string, add func(row T) error) (found bool, err error) {
	switch start, err := dec.Token(); {
	case err != nil:
		return false, err
	case start != json.Delim('{'):
		return false, errors.New("response is not a JSON object")
	}

	for dec.More() {
		member, err := dec.Token()
		if err != nil {
			return false, err
		}
		if member != name {
			var other json.RawMessage
			if err := dec.Decode(&other); err != nil {
				return false, err
			}
			continue
		}

		if start, err := dec.Token(); start != json.Delim('[') {
			return false, err
		}
		if err := eachRow(dec, add); err != nil {
			return false, err
		}
		found = true
	}

	_, err = dec.Token() // the closing brace
	return found, err
}

// eachRow reads a list after its opening bracket.
func eachRow[T any](dec *json.Decoder, add func(row T) error) error {
	for dec.More() {
		var row T
		err := dec.Decode(&row)
		// After a value of a wrong type, Decode still reads all others.
		if _, wrongType := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !wrongType {
			return err
		}
		if err := add(row); err != nil {
			return err
		}
	}

	_, err := dec.Token() // the closing bracket
	return err
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
		return 0, tooLarge("", "the response has an element of more than %d bytes", maxElement)
	}
	n, err := e.from.Read(p)
	e.given += int64(n)
	return n, err
}
