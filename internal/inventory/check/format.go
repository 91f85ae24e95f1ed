package check

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// pointer writes an RFC 6901 pointer.
func pointer(location []string) string {
	var p rawjson.Pointer
	for _, token := range location {
		p = p.AppendToken(token)
	}
	return string(p)
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// memberName formats a location in the usual notation: network_adapters[0].mac.
func memberName(location []string) string {
	var name string
	for _, token := range location {
		switch _, err := strconv.Atoi(token); {
		case err == nil:
			name += "[" + token + "]"
		case !plainName.MatchString(token):
			name += "[" + quoted(token) + "]"
		default:
			name += "." + token
		}
	}
	return strings.TrimPrefix(name, ".")
}

// lookup finds the value at a location.
func lookup(doc any, location []string) any {
	for _, token := range location {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			doc = v[i]
		default:
			return nil
		}
	}
	return doc
}

func article(noun string) string {
	if noun != "" && strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an"
	}
	return "a"
}

// quoted formats a value for messages: without control characters, and truncated if
// it is long.
func quoted(v any) string {
	if text, ok := v.(string); ok {
		return strconv.QuoteToGraphic(shorten(text))
	}

	src, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}

	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return unicode.ReplacementChar
		}
		return r
	}, shorten(string(src)))
}

func list(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = quoted(v)
	}
	return strings.Join(texts, ", ")
}

// shorten truncates a long text.
func shorten(text string) string {
	const enough = 80
	if len(text) <= enough {
		return text
	}
	return strings.ToValidUTF8(text[:enough], "") + "…"
}
