package blazar

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// toText returns a string, or a number as it is written; "" for all else.
func toText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// parseInt reads an integer, which may be written as 1.0 or in a string.
func parseInt(v any) (int, bool) {
	// Up to 2^53 a float64 represents every integer exactly.
	f, err := strconv.ParseFloat(toText(v), 64)
	n := int(f)
	return n, err == nil && float64(n) == f && n > -1<<53 && n < 1<<53
}

// timeLayouts are the formats of Blazar's times, the usual one first. After seconds,
// [time.Parse] also accepts a fraction.
var timeLayouts = []string{
	"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04Z07",
}

// parseTime reads a time, which may have a space for the T, in UTC unless there is a
// zone. It is truncated to microseconds.
func parseTime(v any) (availability.Time, bool) {
	const longest = 64 // bounds the errors of time.Parse, which quote the text
	text := toText(v)
	if len(text) > longest {
		return 0, false
	}

	text = strings.Replace(text, " ", "T", 1)
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return availability.At(t), true
		}
	}

	return 0, false
}

// warnings counts skipped entries by kind.
type warnings struct {
	all    []availability.Warning
	byKind map[string]int // index in all
}

func (w *warnings) add(kind, example string) {
	if w.byKind == nil {
		w.byKind = map[string]int{}
	}

	i, ok := w.byKind[kind]
	if !ok {
		i = len(w.all)
		w.byKind[kind] = i
		w.all = append(w.all, availability.Warning{Kind: kind, Example: example})
	}

	w.all[i].Count++
}

// describe formats a value as the example of a warning.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null or missing"
	case []any, map[string]any:
		return "a list or an object"
	case string:
		return strconv.Quote(sanitize(v))
	}
	return fmt.Sprint(v)
}
