package route_test

import (
	"slices"
	"testing"

	"github.com/chameleoncloud/refapi/internal/route"
)

func TestLists(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]string{
		"": nil, " , ,": nil, "a": {"a"}, " a, b ,,c": {"a", "b", "c"},
		`a\,b,c`: {"a,b", "c"}, `a\\,b`: {`a\`, "b"}, `a\b\`: {`a\b\`}, `\,`: {","},
	} {
		if got := route.SplitList(list); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", list, got, want)
		}
	}
}

// A value that was written as a list of one is read again, whatever is in it.
func FuzzLists(f *testing.F) {
	f.Add("a,b", `c\`)
	f.Fuzz(func(t *testing.T, a, b string) {
		want := append(route.SplitList(route.ListValue(a)), route.SplitList(route.ListValue(b))...)
		got := route.SplitList(route.ListValue(a) + "," + route.ListValue(b))
		if len(want) > 2 || !slices.Equal(got, want) {
			t.Errorf("%q, %q: %q, want %q", a, b, got, want)
		}
	})
}
