// Package hint attaches advice to errors: what the reader can do next.
package hint

import (
	"errors"
	"fmt"
)

type hinted struct {
	error
	advice string
}

func (h *hinted) Unwrap() error { return h.error }

// Wrap adds advice to an error. The advice is a lower-case sentence without a
// period. A nil error stays nil.
func Wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &hinted{error: err, advice: fmt.Sprintf(format, args...)}
}

// Of returns the outermost advice that an error carries, "" for none.
func Of(err error) string {
	var h *hinted
	if errors.As(err, &h) {
		return h.advice
	}
	return ""
}
