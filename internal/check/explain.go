package check

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// The names of rules that a schema's complaints come under.
const (
	ruleType    = "type"
	ruleMissing = "missing-member"
	ruleEmpty   = "empty"
	ruleDate    = "date-form"
	ruleMAC     = "mac-form"
	ruleRange   = "out-of-range"
	ruleValue   = "value"
)

// explain says in words what a schema complains of.
func explain(e *jsonschema.ValidationError, doc any) []finding {
	at := pointer(e.InstanceLocation)
	name := memberName(e.InstanceLocation)
	one := func(rule, text, hint string) []finding {
		return []finding{{rule: rule, pointer: at, message: strings.TrimSpace(name + " " + text), hint: hint}}
	}
	value := lookup(doc, e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		want := strings.Join(k.Want, " or ")
		if k.Got == "null" {
			return one(ruleType, fmt.Sprintf("is null, want %s %s", article(want), want), "leave the member out if it is not known")
		}
		hint := ""
		if want == "string" {
			hint = fmt.Sprintf("write %q", fmt.Sprint(value))
		} else if s, ok := value.(string); ok && json.Valid([]byte(s)) {
			hint = fmt.Sprintf("write %s, without quotes", s)
		}
		return one(ruleType, fmt.Sprintf("is %s %s, want %s %s", article(k.Got), k.Got, article(want), want), hint)
	case *kind.Required:
		var found []finding
		for _, m := range k.Missing {
			found = append(found, finding{rule: ruleMissing, pointer: at, message: strings.Trim(name+"."+m, ".") + " is missing"})
		}
		return found
	case *kind.MinLength:
		return one(ruleEmpty, "is empty", "leave the member out if it is not known")
	case *kind.MinItems:
		return one(ruleEmpty, "has no elements", "")
	case *kind.Format:
		text := fmt.Sprint(value)
		if k.Want == "date" {
			return one(ruleDate, dateFault(text), dateHint(text))
		}
		return one(ruleValue, fmt.Sprintf("is %q, which is no %s", text, strings.ReplaceAll(k.Want, "-", " ")), "")
	case *kind.Pattern:
		text := fmt.Sprint(value)
		if strings.HasSuffix(at, "/mac") {
			return one(ruleMAC, macFault(text), "write it as 24:6e:96:7e:24:86")
		}
		return one(ruleValue, fmt.Sprintf("is %q, want the form %s", text, k.Want), "")
	case *kind.Minimum, *kind.Maximum:
		return one(ruleRange, fmt.Sprintf("is %v, which is out of range", value), "")
	case *kind.Enum:
		return one(ruleValue, fmt.Sprintf("is %s, want one of %s", quoted(value), list(k.Want)), "")
	case *kind.Const:
		return one(ruleValue, fmt.Sprintf("is %s, want %s", quoted(value), quoted(k.Want)), "")
	}
	return one(ruleValue, e.ErrorKind.LocalizedString(message.NewPrinter(language.English)), "")
}

var (
	usDate  = regexp.MustCompile(`^\d{1,2}/\d{1,2}/\d{4}$`)
	isoDate = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
)

// dateFault says what is wrong with a day.
func dateFault(text string) string {
	switch {
	case text == "":
		return "is empty"
	case isoDate.MatchString(text):
		return fmt.Sprintf("is %q, a day that does not exist", text)
	case dateHint(text) != "":
		return fmt.Sprintf("is %q, in US form", text)
	case usDate.MatchString(text), strings.Count(text, "/") == 2:
		return fmt.Sprintf("is %q, an impossible date in US form", text)
	}
	return fmt.Sprintf("is %q, which is no date", text)
}

// dateHint rewrites a day in US form.
func dateHint(text string) string {
	if day, err := time.Parse("1/2/2006", text); err == nil && usDate.MatchString(text) {
		return "write " + day.Format(time.DateOnly)
	}
	return ""
}

func macFault(text string) string {
	switch trimmed := strings.TrimSpace(text); {
	case trimmed == "":
		return "is empty"
	case trimmed != text:
		return fmt.Sprintf("is %q, with white space around it", text)
	default:
		return fmt.Sprintf("is %q, which is no hardware address", text)
	}
}

// httpDate checks the form of RFC 9110, section 5.6.7.
func httpDate(v any) error {
	if s, ok := v.(string); ok {
		if _, err := time.Parse(http.TimeFormat, s); err != nil {
			return err
		}
	}
	return nil
}

// pointer writes an RFC 6901 pointer.
func pointer(location []string) string {
	var b strings.Builder
	for _, token := range location {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(token))
	}
	return b.String()
}

// memberName writes a location as people do: network_adapters[0].mac.
func memberName(location []string) string {
	var b strings.Builder
	for _, token := range location {
		if _, err := strconv.Atoi(token); err == nil {
			b.WriteString("[" + token + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(token)
	}
	return b.String()
}

// lookup finds the value at a location.
func lookup(doc any, location []string) any {
	for _, token := range location {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i >= len(v) {
				return nil
			}
			doc = v[i]
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

func quoted(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

func list(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = quoted(v)
	}
	return strings.Join(texts, ", ")
}
