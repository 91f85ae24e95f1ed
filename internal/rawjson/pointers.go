package rawjson

import (
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// AnySegment is the segment of a pointer that stands for every member of an object, or
// every element of an array.
const AnySegment = "*"

// Pointers name values of JSON texts: each is the segments of a JSON pointer (RFC 6901),
// decoded, some of which may be [AnySegment].
type Pointers [][]string

// ParsePointer parses one pointer, which names something inside an object. Its errors do
// not repeat the text.
func ParsePointer(text string) ([]string, error) {
	rest, ok := strings.CutPrefix(text, "/")
	switch {
	case !ok:
		return nil, errors.New("does not begin with a slash")
	case strings.Contains(strings.NewReplacer("~0", "", "~1", "").Replace(rest), "~"):
		return nil, errors.New("has a ~ that is neither ~0 (for ~) nor ~1 (for /)")
	}

	segments := strings.Split(rest, "/")
	for i, s := range segments {
		segments[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
	}

	return segments, nil
}

// FormatPointer is the inverse of [ParsePointer].
func FormatPointer(segments []string) string {
	var text strings.Builder
	for _, s := range segments {
		text.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(s))
	}
	return text.String()
}

// Remove returns a compact text without what the pointers name. All else keeps its
// bytes.
func (ps Pointers) Remove(text []byte) []byte {
	var b Builder
	b.Grow(len(text))
	ps.copyRest(&b, text)
	return b.Bytes()
}

func (ps Pointers) copyRest(b *Builder, value []byte) {
	switch {
	case len(ps) == 0:
		b.Raw(value)

	case value[0] == '{':
		b.BeginObject()
		for key, member := range Members(value) {
			name, _ := Unquote(key) // cannot fail: the text is valid
			if below, named := ps.below(name); !named {
				b.RawKey(key)
				below.copyRest(b, member)
			}
		}
		b.EndObject()

	case value[0] == '[':
		b.BeginArray()
		n := 0
		for element := range Elements(value) {
			if below, named := ps.below(strconv.Itoa(n)); !named {
				below.copyRest(b, element)
			}
			n++
		}
		b.EndArray()

	default:
		b.Raw(value)
	}
}

// below returns the pointers to what is inside a member or an element, and whether it is
// itself named.
func (ps Pointers) below(segment string) (below Pointers, named bool) {
	for _, p := range ps {
		if p[0] != segment && p[0] != AnySegment {
			continue
		}
		if len(p) == 1 {
			return nil, true
		}
		below = append(below, p[1:])
	}
	return below, false
}

// Unmatched returns the pointers that name nothing in a compact text.
func (ps Pointers) Unmatched(text []byte) Pointers {
	return slices.DeleteFunc(slices.Clone(ps), func(p []string) bool {
		for range Named(text, p) {
			return true
		}
		return false
	})
}

// Named yields the values that a pointer names in a compact text.
func Named(text []byte, pointer []string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) { yieldNamed(text, pointer, yield) }
}

func yieldNamed(value []byte, pointer []string, yield func([]byte) bool) bool {
	if len(pointer) == 0 {
		return yield(value)
	}

	for key, member := range Members(value) {
		name, _ := Unquote(key)
		if (pointer[0] == name || pointer[0] == AnySegment) && !yieldNamed(member, pointer[1:], yield) {
			return false
		}
	}

	n := 0
	for element := range Elements(value) {
		if (pointer[0] == strconv.Itoa(n) || pointer[0] == AnySegment) && !yieldNamed(element, pointer[1:], yield) {
			return false
		}
		n++
	}

	return true
}
