package openapi_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/route"
)

// The description lists exactly the URLs that do not take .json.
func TestURLsWithoutSuffix(t *testing.T) {
	t.Parallel()
	about := newLinter(t).doc["info"].(object)["description"].(string)
	var listed []string

	for line := range strings.Lines(about) {
		if !strings.HasPrefix(line, "Every URL also works with `.json` appended") {
			continue
		}

		_, without, _ := strings.Cut(line, ". The exceptions are ")
		for i, text := range strings.Split(without, "`") {
			if i%2 == 1 {
				listed = append(listed, text)
			}
		}

		break
	}

	var want []string
	for _, r := range route.All() {
		isBelow := func(prefix string) bool { return strings.HasPrefix(r.Pattern, prefix) } // with the same feeds
		if !r.Suffix() && !isBelow(route.Site.Get().Pattern) && !isBelow(string(route.HardwareType)) {
			want = append(want, r.Pattern)
		} else if !r.Suffix() && !slices.Contains(listed, "/"+path.Base(r.Pattern)) {
			t.Errorf("%s is not listed as an exception", r.Pattern)
		}
	}

	slices.Sort(listed)
	slices.Sort(want)

	if !slices.Equal(listed, want) {
		t.Errorf("the description names %q, want %q", listed, want)
	}
}
