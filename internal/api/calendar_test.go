package api

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// unfold returns the value of a property, as a reader of iCalendar has it.
func unfold(t *testing.T, text, name string) string {
	t.Helper()
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > maxICalLine || !utf8.ValidString(line) {
			t.Errorf("the line %q has %d bytes", line, len(line))
		}
	}
	_, rest, ok := strings.Cut(strings.ReplaceAll(text, "\r\n ", ""), "\r\n"+name+":")
	value, _, _ := strings.Cut(rest, "\r\n")
	if !ok {
		t.Errorf("%s is missing", name)
	}
	return strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, "\n").Replace(value)
}

// FuzzCalendar: whatever texts say, they come back, in lines that are short enough.
func FuzzCalendar(f *testing.F) {
	f.Add("4 nodes free, at north; a\\b\nEND:VEVENT")
	f.Add(strings.Repeat("größe 🖥 ", 40))
	f.Add("\xff\x00\r\nBEGIN:VEVENT")
	f.Fuzz(func(t *testing.T, text string) {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		c := Calendar{Name: "x", Stamp: now, Refresh: "PT1H", Events: []Event{{UID: "u", Start: now, End: now, Summary: "y" + text}}}
		got := string(c.EncodeICal())
		want := strings.Map(func(r rune) rune {
			if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
				return -1
			}
			return r
		}, strings.ToValidUTF8("y"+text, "\ufffd"))
		if read := unfold(t, got, "SUMMARY"); strings.ReplaceAll(read, "\ufffd", "") != strings.ReplaceAll(want, "\ufffd", "") {
			t.Errorf("%q came back as %q", want, read)
		}
		if strings.Count("\r\n"+strings.ReplaceAll(got, "\r\n ", ""), "\r\nBEGIN:") != 2 {
			t.Errorf("%q has other components", got)
		}
	})
}
