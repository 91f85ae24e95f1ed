package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// asShown compares what is printed with what a chapter shows, where an ellipsis
// stands for anything: within a line, or, alone on a line, for any lines.
func asShown(t *testing.T, where, shown, got string) {
	t.Helper()
	shown = strings.ReplaceAll(shown, "\n\n", "\n") // between blocks
	pattern := regexp.QuoteMeta("\n" + shown)
	pattern = strings.ReplaceAll(pattern, "\n…\n", `\n(?s:.*)`)
	pattern = strings.ReplaceAll(pattern, "…", `[^\n]+`)
	if ok, err := regexp.MatchString("^"+pattern+"$", "\n"+got); err != nil || !ok {
		t.Errorf("docs/%s shows\n%s\nbut what is printed is (%v)\n%s", where, shown, err, got)
	}
}

// answersAsShown compares an answer with what a chapter shows.
func answersAsShown(t *testing.T, where, shown, got string) {
	t.Helper()
	var want, is any
	if err := json.Unmarshal([]byte(shown), &want); err != nil {
		t.Fatalf("docs/%s: what is shown: %v", where, err)
	}
	if err := json.Unmarshal([]byte(got), &is); err != nil {
		t.Fatalf("docs/%s: %v in %q", where, err, got)
	}

	if at := differ(want, is); at != "" {
		t.Errorf("docs/%s shows\n%s\nbut the answer is\n%s\nwhich differs at %s", where, shown, got, at)
	}
}

// differ says where a value is not as shown, "" if it is. An ellipsis stands for
// anything.
func differ(shown, got any) string {
	if shown == "…" {
		return ""
	}

	switch want := shown.(type) {
	case map[string]any:
		is, ok := got.(map[string]any)
		if !ok || len(is) != len(want) {
			return "."
		}

		for name, w := range want {
			if g, ok := is[name]; !ok {
				return "." + name
			} else if at := differ(w, g); at != "" {
				return "." + name + at
			}
		}

		return ""
	case []any:
		is, ok := got.([]any)
		if !ok || len(is) != len(want) {
			return "[]"
		}

		for i := range want {
			if at := differ(want[i], is[i]); at != "" {
				return fmt.Sprintf("[%d]%s", i, at)
			}
		}

		return ""
	}

	if shown != got {
		return fmt.Sprintf(" (%v, not %v)", got, shown)
	}

	return ""
}
