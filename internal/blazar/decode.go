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

// document reads an object, and calls item for each element of one of its
// members, a list. The decoder stands before the element.
func document(r io.Reader, name string, item func(*json.Decoder) error) error {
	in := &elements{from: r}
	dec := json.NewDecoder(in)
	dec.UseNumber()
	in.dec = dec
	found := false
	isObject, err := object(dec, func(member string) error {
		if member != name {
			return skip(dec)
		}
		isList, err := array(dec, func() error { return item(dec) })
		found = isList
		return err
	})
	switch {
	case err != nil:
		return unexpected(err)
	case !isObject:
		return errors.New("the answer is no object")
	case !found:
		return fmt.Errorf("the answer has no list %q", name)
	}
	if _, err := dec.Token(); err == nil {
		return errors.New("the answer goes on after its end")
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// unexpected makes the end of the input an error where it is one: Token says
// io.EOF in the middle of things, too.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// object calls member for each name; member takes the value. Another kind of
// value is passed over, and false.
func object(dec *json.Decoder, member func(name string) error) (bool, error) {
	first, err := open(dec, '{')
	if first != json.Delim('{') || err != nil {
		return false, err
	}
	return true, members(dec, member)
}

// members is object behind the opening brace.
func members(dec *json.Decoder, member func(name string) error) error {
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

// array calls element for each; element takes it. Another kind of value is
// passed over, and false.
func array(dec *json.Decoder, element func() error) (bool, error) {
	if first, err := open(dec, '['); first != json.Delim('[') || err != nil {
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

// open takes the first token of a value, and the whole value where it is not
// of the kind. It returns the first token.
func open(dec *json.Decoder, kind json.Delim) (json.Token, error) {
	first, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if delim, ok := first.(json.Delim); ok && delim != kind {
		return first, leave(dec, delim)
	}
	return first, nil
}

// leave takes the rest of a list or an object.
func leave(dec *json.Decoder, kind json.Delim) error {
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

// skipped is a value that nobody looks at.
type skipped struct{}

func (*skipped) UnmarshalJSON([]byte) error { return nil }

func skip(dec *json.Decoder) error { return dec.Decode(new(skipped)) }

// composite stands for a list or an object where a scalar was expected.
type composite struct{}

// scalar takes a value: nil, a bool, a string, a json.Number or a composite.
func scalar(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if delim, ok := token.(json.Delim); ok {
		return composite{}, leave(dec, delim)
	}
	return token, nil
}

// text is a string, or a number as it is written; "" for all else.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// truth reads a bool. Extra properties are strings and can stand in for those
// that are bools, so that the words count, too.
func truth(v any) (value, ok bool) {
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

// whole reads a number without a fraction.
func whole(v any) (int, bool) {
	s := text(v)
	if n, err := strconv.Atoi(s); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if n := int(f); err == nil && float64(n) == f && n > -1<<53 && n < 1<<53 {
		return n, true
	}
	return 0, false
}

// oddities counts what is passed over, by kind.
type oddities struct {
	all    []availability.Anomaly
	byKind map[string]int // index in all
}

func (o *oddities) add(kind, example string) {
	if o.byKind == nil {
		o.byKind = map[string]int{}
	}
	i, ok := o.byKind[kind]
	if !ok {
		i = len(o.all)
		o.byKind[kind] = i
		o.all = append(o.all, availability.Anomaly{Kind: kind, Example: example})
	}
	o.all[i].Count++
}

// shown is a value as an example.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "null or missing"
	case composite, []any, map[string]any:
		return "a list or an object"
	case string:
		return strconv.Quote(clean(v))
	}
	return fmt.Sprint(v)
}
