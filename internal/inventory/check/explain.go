package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

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

// explain says in words what a schema complains of in a file of a kind.
func (c *Checker) explain(e *jsonschema.ValidationError, file string, doc any) []finding {
	at := pointer(e.InstanceLocation)
	name := memberName(e.InstanceLocation)
	one := func(rule, text, hint string) []finding {
		return []finding{{rule: rule, pointer: at, message: strings.TrimSpace(name + " " + text), hint: hint}}
	}
	unknown := "leave it out if it is not known"
	if c.isRequired(file, e.SchemaURL) {
		unknown = fmt.Sprintf("fill it in: every %s should have it", file)
	}
	value := lookup(doc, e.InstanceLocation)
	if value == "" { // it is of no form either
		return one(ruleEmpty, "is empty", unknown)
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		// Where null is allowed, it is not what somebody meant to write.
		want := strings.Join(slices.DeleteFunc(slices.Clone(k.Want), func(t string) bool { return t == "null" }), " or ")
		if k.Got == "null" {
			return one(ruleType, fmt.Sprintf("is null, want %s %s", article(want), want), unknown)
		}
		is := article(k.Got) + " " + k.Got
		if k.Got == "number" && want == "integer" {
			is = shorten(fmt.Sprint(value))
		}
		hint := ""
		if c.takesAny(file, e.SchemaURL) {
			hint = typeHint(value, want)
		}
		return one(ruleType, fmt.Sprintf("is %s, want %s %s", is, article(want), want), hint)
	case *kind.Required:
		var found []finding
		for _, m := range k.Missing {
			found = append(found, finding{rule: ruleMissing, pointer: at, message: strings.Trim(name+"."+m, ".") + " is missing"})
		}
		return found
	case *kind.MinItems:
		return one(ruleEmpty, "has no elements", unknown)
	case *kind.UniqueItems:
		return one(ruleValue, fmt.Sprintf("has %s twice", quoted(lookup(value, []string{strconv.Itoa(k.Duplicates[1])}))), "")
	case *kind.Format:
		text := fmt.Sprint(value)
		switch k.Want {
		case "date":
			return one(ruleDate, dateFault(text), dateHint(text))
		case "http-date":
			return one(ruleDate, fmt.Sprintf("is %s, which is no date as HTTP writes it", quoted(text)), "write it as Mon, 15 Jun 2015 16:00:00 GMT")
		}
		return one(ruleValue, fmt.Sprintf("is %s, which is no %s", quoted(text), formatNames[k.Want]), "")
	case *kind.Pattern:
		text := fmt.Sprint(value)
		switch k.Want {
		case macPattern:
			return one(ruleMAC, macFault(text), macHint(text))
		case "^https?://":
			return one(ruleValue, fmt.Sprintf("is %s, want an address that starts with https:// or http://", quoted(text)), "")
		}
		return one(ruleValue, fmt.Sprintf("is %s, want the form %s", quoted(text), k.Want), "")
	case *kind.Minimum:
		return one(ruleRange, fmt.Sprintf("is %v, want at least %s", value, k.Want.RatString()), "")
	case *kind.Maximum:
		return one(ruleRange, fmt.Sprintf("is %v, want at most %s", value, k.Want.RatString()), "")
	case *kind.Enum:
		return one(ruleValue, fmt.Sprintf("is %s, want one of %s", quoted(value), list(k.Want)), "")
	case *kind.Const:
		return one(ruleValue, fmt.Sprintf("is %s, want %s", quoted(value), quoted(k.Want)), "")
	}
	return one(ruleValue, e.ErrorKind.LocalizedString(message.NewPrinter(language.English)), "")
}

// formatNames has the names of a schema's formats for people.
var formatNames = map[string]string{"email": "e-mail address", "uri": "address with a scheme, as https://example.org"}

// takesAny reports whether the schema at an address asks for a type, and for no
// form besides.
func (c *Checker) takesAny(file, url string) bool {
	_, at, _ := strings.Cut(url, "#")
	schema, _ := lookup(c.sources[file], strings.Split(at, "/")[1:]).(map[string]any)
	return schema["format"] == nil && schema["pattern"] == nil && schema["enum"] == nil
}

// isRequired reports whether the schema at an address is that of a member that
// its object must have.
func (c *Checker) isRequired(file, url string) bool {
	_, at, _ := strings.Cut(url, "#")
	object, name, ok := cutLast(at, "/properties/")
	if !ok {
		return false
	}
	required, _ := lookup(c.sources[file], append(strings.Split(object, "/")[1:], "required")).([]any)
	return slices.Contains(required, any(name))
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
