package history_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

func TestSubjectAndBody(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ message, subject, body string }{
		{"", "", ""},
		{"\n", "", ""},
		{" \t \n\r\n  ", "", ""},
		{"one", "one", "one"},
		{"one\n", "one", "one"},
		{"\n \n\none\n", "one", "one"},
		{"  one  \n", "one", "one"},
		{"one\ntwo\nthree\n\nfour\n", "one two three", "one\ntwo\nthree\n\nfour"},
		{"one  \n  two\n", "one   two", "one  \n  two"},
		{"one\n \t\ntwo\n", "one", "one\n \t\ntwo"},
		{"one\r\ntwo\r\n\r\nthree\r\n", "one two", "one\r\ntwo\r\n\r\nthree"},
		{"one\rtwo\n", "one\rtwo", "one\rtwo"},
		{"\r\n\r\none\r\n", "one", "one"},
		{"# not a comment\n", "# not a comment", "# not a comment"},
		{"Tromsø – ☃\n", "Tromsø – ☃", "Tromsø – ☃"},
	} {
		c := &history.Commit{Message: tt.message}
		if got := c.Subject(); got != tt.subject {
			t.Errorf("the subject of %q is %q, want %q", tt.message, got, tt.subject)
		}
		if got := c.Body(); got != tt.body {
			t.Errorf("the body of %q is %q, want %q", tt.message, got, tt.body)
		}
	}
}

// TestSubjectIsGits compares drawn messages with what git log makes of them.
func TestSubjectIsGits(t *testing.T) {
	t.Parallel()
	work := gittest.Init(t)
	message := rapid.StringOf(rapid.SampledFrom([]rune("  \t\n\n\r\v\fab.é☃")))
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		messages := rapid.SliceOfN(message, 1, 30).Draw(rt, "messages")
		run++
		ref := fmt.Sprintf("refs/drawn/%d", run)
		var b strings.Builder

		for i, m := range messages {
			fmt.Fprintf(&b, "commit %s\ncommitter Ada <ada@example.org> %d +0000\ndata %d\n%s\n", ref, i+1, len(m), m)
		}

		work.Feed(b.String(), "fast-import", "--quiet")
		log := walk(t, work.Dir, ref, nil).Commits
		want := strings.Split(strings.TrimSuffix(work.Git("log", "--format=%s%x01%B%x00", ref), "\x00"), "\x00\n")
		if len(log) != len(messages) || len(want) != len(messages) {
			rt.Fatalf("%d messages became %d commits, by git %d", len(messages), len(log), len(want))
		}

		for i, c := range slices.Backward(log) {
			subject, body, _ := strings.Cut(want[i], "\x01")
			if got, want := c.Subject(), strings.TrimSpace(subject); got != want {
				rt.Errorf("the subject of %q is %q, git's is %q", c.Message, got, want)
			}
			if got, want := c.Body(), strings.TrimSpace(body); got != want {
				rt.Errorf("the body of %q is %q, git's is %q", c.Message, got, want)
			}
		}
	})
}
