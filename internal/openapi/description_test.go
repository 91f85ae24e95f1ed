package openapi_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/route"
)

// The description says which addresses do not take .json: all those, and no
// others.
func TestAddressesWithoutSuffix(t *testing.T) {
	t.Parallel()
	about := newLinter(t).doc["info"].(object)["description"].(string)
	var said []string

	for line := range strings.Lines(about) {
		if !strings.HasPrefix(line, "An address also answers with `.json` appended") {
			continue
		}

		_, without, _ := strings.Cut(line, ". Those of ")
		for i, text := range strings.Split(without, "`") {
			if i%2 == 1 {
				said = append(said, text)
			}
		}

		break
	}

	var want []string
	for _, r := range route.All() {
		if !r.Suffix() && !strings.HasPrefix(r.Pattern, route.Site.Get().Pattern) { // a site has the same feeds
			want = append(want, r.Pattern)
		} else if !r.Suffix() && !slices.Contains(said, "/"+path.Base(r.Pattern)) {
			t.Errorf("%s is not said to take no .json", r.Pattern)
		}
	}

	slices.Sort(said)
	slices.Sort(want)

	if !slices.Equal(said, want) {
		t.Errorf("the description names %q, want %q", said, want)
	}
}
