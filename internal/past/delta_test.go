package past

import (
	"bytes"
	"compress/zlib"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

func TestDelta(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcdefghijklmnop", 9000)
	line := strings.Repeat(`"rate": 10000000000, `, 50)
	for _, tt := range []struct {
		name, base, text string
		longest          int
	}{
		{name: "nothing", longest: 2},
		{name: "from nothing", text: "new", longest: 6},
		{name: "to nothing", base: "old", longest: 2},
		{name: "the same", base: line, text: line, longest: 8},
		{name: "more than one copy has", base: long, text: long, longest: 30},
		{name: "more than one insertion has", text: long[:300], longest: 306},
		{name: "an insertion", base: line, text: line[:500] + "new" + line[500:], longest: 20},
		{name: "a removal", base: line[:500] + strings.Repeat("x", 99) + line[500:], text: line, longest: 20},
		{
			name:    "two places",
			base:    "{" + line + "1" + long[:999] + "}",
			text:    "[" + line + "2" + long[:999] + "]",
			longest: 30,
		},
		{name: "the other way round", base: long[:900] + line, text: line + long[:900], longest: 99},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			delta := checkDelta(t, []byte(tt.base), []byte(tt.text))
			if len(delta) > tt.longest {
				t.Errorf("the delta has %d bytes, want at most %d: %q", len(delta), tt.longest, delta)
			}
		})
	}
}

// checkDelta checks that a delta makes the text, for this package and for another one.
func checkDelta(t *testing.T, base, text []byte) []byte {
	t.Helper()
	var d differ
	delta := slices.Clone(d.diff(base, text))
	if got, err := patch(base, delta, len(text)); err != nil || !bytes.Equal(got, text) {
		t.Errorf("the delta %q makes %q, %v; want %q", delta, got, err, text)
	}
	if got, err := packfile.PatchDelta(base, delta); len(text) > 0 && len(base) > 0 &&
		(err != nil || !bytes.Equal(got, text)) {
		t.Errorf("for go-git the delta %q makes %q, %v; want %q", delta, got, err, text)
	}
	if len(text) > 0 {
		if _, err := patch(base, delta, len(text)-1); err == nil {
			t.Errorf("a delta makes more than is allowed")
		}
	}
	return delta
}

func FuzzDelta(f *testing.F) {
	f.Add([]byte("some text, and more of it"), []byte("some text, and much more of it"), []byte{25, 3, 0x90, 3})
	f.Fuzz(func(t *testing.T, base, text, delta []byte) {
		checkDelta(t, base, text)

		const limit = 1 << 16
		got, err := patch(base, delta, limit)
		if err == nil && len(got) > limit {
			t.Errorf("the delta %q makes %d bytes", delta, len(got))
		}
		if want, other := packfile.PatchDelta(base, delta); err == nil && other == nil && !bytes.Equal(got, want) {
			t.Errorf("the delta %q makes %q, for go-git %q", delta, got, want)
		}
	})
}

func FuzzDeflate(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte("\x00\x8f\x90\xff"))
	f.Add([]byte(strings.Repeat("more than a small text, ", 9)))
	f.Fuzz(func(t *testing.T, text []byte) {
		d := newDeflater()
		for _, isDelta := range []bool{true, false} {
			data := d.deflate(nil, text, isDelta)
			if most := len(text)*9/8 + 9; len(data) > most {
				t.Errorf("%q has %d bytes when it is compressed", text, len(data))
			}

			r, err := zlib.NewReader(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%q became %q, %v", text, got, err)
			}
		}
	})
}
