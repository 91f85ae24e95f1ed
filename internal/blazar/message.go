package blazar

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
)

// maxMessage bounds a service's message in an error, in characters.
const maxMessage = 200

// serviceMessage returns the message in an error's body: Blazar's {"error_message"},
// Keystone's {"error":{"message"}}, Nova's {"forbidden":{"message"}}. Other bodies,
// such as HTML of a proxy, are not fit for logs.
func serviceMessage(body []byte) string {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return ""
	}

	for _, name := range []string{"error_message", "message", "error"} {
		var text string
		if json.Unmarshal(members[name], &text) == nil && text != "" {
			return sanitize(text)
		}
	}

	if len(members) != 1 {
		return ""
	}

	for _, member := range members {
		var inner struct{ Message string }
		if json.Unmarshal(member, &inner) == nil {
			return sanitize(inner.Message)
		}
	}

	return ""
}

// longWord matches what may be a token, a secret or an id.
var longWord = regexp.MustCompile(`[0-9A-Za-z_\-+/=]{20,}`)

// sanitize makes a service's text fit for a log: one short line, without what may be a
// token or an id.
func sanitize(text string) string {
	// Long words without digits are ordinary words, paths or names of rules.
	text = longWord.ReplaceAllStringFunc(text, func(word string) string {
		if strings.ContainsAny(word, "0123456789") {
			return "…"
		}
		return word
	})

	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)

	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage]) + "…"
	}

	return text
}
