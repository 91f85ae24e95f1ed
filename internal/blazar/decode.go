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

// Answers are decoded element by element. Hosts are read by exact names:
// encoding/json ignores case, and a host's extra property "Disabled" would pass
// for "disabled".

// readDocument reads an object, and calls item for each element of one of its
// members, a list. The decoder stands before the element.
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

// unexpectedEnd makes the end of the input an error where it is one: Token says
// io.EOF in the middle of things, too.
func unexpectedEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readObject calls member for each name; member takes the value. Another kind of
// value is passed over, and false.
func readObject(dec *json.Decoder, member func(name string) error) (bool, error) {
	first, err := openValue(dec, '{')
	if first != json.Delim('{') || err != nil {
		return false, err
	}
	return true, readMembers(dec, member)
}

// readMembers is object behind the opening brace.
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

// readArray calls element for each; element takes it. Another kind of value is
// passed over, and false.
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

// openValue takes the first token of a value, and the whole value where it is not
// of the kind. It returns the first token.
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

// skipRest takes the rest of a list or an object.
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

// ignoredValue is a value that nobody looks at.
type ignoredValue struct{}

func (*ignoredValue) UnmarshalJSON([]byte) error { return nil }

func skip(dec *json.Decoder) error { return dec.Decode(new(ignoredValue)) }

// composite stands for a list or an object where a scalar was expected.
type composite struct{}

// readScalar takes a value: nil, a bool, a string, a json.Number or a composite.
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

// toText is a string, or a number as it is written; "" for all else.
func toText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// parseBool reads a bool. Extra properties are strings and can stand in for those
// that are bools, so that the words count, too.
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

// parseInt reads a number without a fraction.
func parseInt(v any) (int, bool) {
	s := toText(v)
	if n, err := strconv.Atoi(s); err == nil {
		return n, true
	}

	f, err := strconv.ParseFloat(s, 64)
	if n := int(f); err == nil && float64(n) == f && n > -1<<53 && n < 1<<53 {
		return n, true
	}

	return 0, false
}

// warnings counts what is passed over, by kind.
type warnings struct {
	all    []availability.Warning
	byKind map[string]int // index in all
}

func (o *warnings) add(kind, example string) {
	if o.byKind == nil {
		o.byKind = map[string]int{}
	}

	i, ok := o.byKind[kind]
	if !ok {
		i = len(o.all)
		o.byKind[kind] = i
		o.all = append(o.all, availability.Warning{Kind: kind, Example: example})
	}

	o.all[i].Count++
}

// describe is a value as an example.
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
