package blazar

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// Responses are decoded element by element, to bound memory. The members of hosts are
// matched by exact name, not by encoding/json, which ignores case: it would take a
// host's extra property "Disabled" for "disabled".

// readDocument reads an object, and calls item for each element of the list that is
// its member of the given name. item must consume the element.
func readDocument(r io.Reader, name string, item func(*json.Decoder) error) error {
	in := &elementReader{from: r}
	dec := json.NewDecoder(in)
	dec.UseNumber()
	in.dec = dec
	found := false
	isObject, err := readObject(dec, func(member string) error {
		if member != name {
			return skip(dec)
		}
		isList, err := readArray(dec, func() error { return item(dec) })
		found = isList
		return err
	})

	switch {
	case err != nil:
		return unexpectedEnd(err)
	case !isObject:
		return errors.New("response is not a JSON object")
	case !found:
		return fmt.Errorf("response has no list %q", name)
	}

	if _, err := dec.Token(); err == nil {
		return errors.New("trailing data after JSON value")
	} else if !errors.Is(err, io.EOF) {
		return err
	}

	return nil
}

// unexpectedEnd turns io.EOF into io.ErrUnexpectedEOF: Token returns io.EOF inside a
// value, too.
func unexpectedEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readObject calls member for each name; member must consume the value. A value that
// is not an object is skipped, and the result is false.
func readObject(dec *json.Decoder, member func(name string) error) (bool, error) {
	first, err := openValue(dec, '{')
	if first != json.Delim('{') || err != nil {
		return false, err
	}
	return true, readMembers(dec, member)
}

// readMembers is readObject after the opening brace.
func readMembers(dec *json.Decoder, member func(name string) error) error {
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		if err := member(name.(string)); err != nil {
			return err
		}
	}

	_, err := dec.Token()
	return err
}

// readArray calls element for each element, which it must consume. A value that is
// not an array is skipped, and the result is false.
func readArray(dec *json.Decoder, element func() error) (bool, error) {
	if first, err := openValue(dec, '['); first != json.Delim('[') || err != nil {
		return false, err
	}

	for dec.More() {
		if err := element(); err != nil {
			return true, err
		}
	}

	_, err := dec.Token()
	return true, err
}

// openValue consumes and returns the first token of a value. A list or an object that
// is not of the wanted kind is consumed completely.
func openValue(dec *json.Decoder, kind json.Delim) (json.Token, error) {
	first, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if delim, ok := first.(json.Delim); ok && delim != kind {
		return first, skipRest(dec, delim)
	}
	return first, nil
}

// skipRest consumes the rest of a list or an object.
func skipRest(dec *json.Decoder, kind json.Delim) error {
	for dec.More() {
		if kind == '{' {
			if _, err := dec.Token(); err != nil {
				return err
			}
		}
		if err := skip(dec); err != nil {
			return err
		}
	}

	_, err := dec.Token()
	return err
}

// ignoredValue makes the decoder check and skip a value without storing it.
type ignoredValue struct{}

func (*ignoredValue) UnmarshalJSON([]byte) error { return nil }

func skip(dec *json.Decoder) error { return dec.Decode(new(ignoredValue)) }

// composite represents a list or an object where a scalar was expected.
type composite struct{}

// readScalar consumes a value, and returns nil, a bool, a string, a json.Number or a
// composite.
func readScalar(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if delim, ok := token.(json.Delim); ok {
		return composite{}, skipRest(dec, delim)
	}
	return token, nil
}

// toText returns a string, or a number as it is written; "" for all else.
func toText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// parseBool reads a bool, or its word: Blazar's extra properties are strings, and one
// may have the name of a member that is a bool.
func parseBool(v any) (value, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		if strings.EqualFold(v, "true") {
			return true, true
		}
		return false, strings.EqualFold(v, "false")
	}
	return false, false
}

// parseInt reads an integer, which may be written as 1.0 or in a string.
func parseInt(v any) (int, bool) {
	s := toText(v)
	if n, err := strconv.Atoi(s); err == nil {
		return n, true
	}

	// Up to 2^53 a float64 represents every integer exactly.
	f, err := strconv.ParseFloat(s, 64)
	if n := int(f); err == nil && float64(n) == f && n > -1<<53 && n < 1<<53 {
		return n, true
	}

	return 0, false
}

// warnings counts skipped entries by kind.
type warnings struct {
	all    []availability.Warning
	byKind map[string]int // index in all
}

func (w *warnings) add(kind, example string) {
	if w.byKind == nil {
		w.byKind = map[string]int{}
	}

	i, ok := w.byKind[kind]
	if !ok {
		i = len(w.all)
		w.byKind[kind] = i
		w.all = append(w.all, availability.Warning{Kind: kind, Example: example})
	}

	w.all[i].Count++
}

// describe formats a value as the example of a warning.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null or missing"
	case composite, []any, map[string]any:
		return "a list or an object"
	case string:
		return strconv.Quote(sanitize(v))
	}
	return fmt.Sprint(v)
}
