package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every line of the log of refgen watch but those for debugging is documented, and no other.
func TestWatchLogIsDocumented(t *testing.T) {
	t.Parallel()
	var real []string
	message := regexp.MustCompile(`\b(?:[lL]og\.(?:Info|Warn|Error)\(|\.fail\(ctx, )"([^"]+)"`)
	for _, pattern := range []string{"watch*.go", "../../internal/follow/*.go", "../../internal/webhook/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(names), err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range message.FindAllSubmatch(src, -1) {
				real = append(real, string(m[1]))
			}
		}
	}

	// The outcome follows.
	real = slices.DeleteFunc(real, func(text string) bool { return text == "webhook " })
	real = append(real, "webhook accepted", "webhook repeated", "webhook ignored")

	_, doc, _ := strings.Cut(readDoc(t, "watch.md"), "### What refgen watch logs")
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*?`) \\|").FindAllStringSubmatch(doc, -1) {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			documented = append(documented, m[1])
		}
	}

	slices.Sort(real)
	slices.Sort(documented)
	if real = slices.Compact(real); !slices.Equal(real, documented) {
		t.Errorf("docs/watch.md has the lines\n%q, there are\n%q", documented, real)
	}
}
