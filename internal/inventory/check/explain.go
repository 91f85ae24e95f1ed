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

	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Names of the rules of schema errors.
const (
	ruleType    = "type"
	ruleMissing = "missing-member"
	ruleEmpty   = "empty"
	ruleDate    = "date-form"
	ruleMAC     = "mac-form"
	ruleRange   = "out-of-range"
	ruleValue   = "value"
)

// fault is what is wrong with a value, without the value's name.
type fault struct{ rule, text, hint string }

// explain turns a schema error into findings with a readable message.
func (c *Checker) explain(e *jsonschema.ValidationError, file route.KindID, doc any) inventory.Diagnostics {
	at, name := pointer(e.InstanceLocation), memberName(e.InstanceLocation)
	if required, ok := e.ErrorKind.(*kind.Required); ok {
		var found inventory.Diagnostics
		for _, m := range required.Missing {
			found = append(found, inventory.Diagnostic{
				Rule: ruleMissing, Pointer: at,
				Message: strings.Trim(name+"."+m, ".") + " is missing",
			})
		}
		return found
	}

	value := lookup(doc, e.InstanceLocation)
	unknown := "leave it out if it is not known"
	if c.isRequired(file, e.SchemaURL) {
		unknown = fmt.Sprintf("fill it in: every %s should have it", file)
	}

	var f fault
	if k, ok := e.ErrorKind.(*kind.Type); ok && value != "" {
		f = typeFault(k, value, unknown, c.acceptsAnyText(file, e.SchemaURL))
	} else {
		f = valueFault(e.ErrorKind, value, unknown)
	}

	message := strings.TrimSpace(name + " " + f.text)
	return inventory.Diagnostics{{Rule: f.rule, Pointer: at, Message: message, Hint: f.hint}}
}

// typeFault describes a value of the wrong type. It suggests a replacement only if the
// schema requires nothing else.
func typeFault(k *kind.Type, value any, unknown string, rewritable bool) fault {
	// Null may be allowed, but it is not what the author meant to write.
	wanted := slices.DeleteFunc(slices.Clone(k.Want), func(t string) bool { return t == "null" })
	want := strings.Join(wanted, " or ")
	must := fmt.Sprintf("must be %s %s", article(want), want)

	if k.Got == "null" {
		return fault{ruleType, must + ", not null", unknown}
	}

	got := article(k.Got) + " " + k.Got
	if k.Got == "number" && want == "integer" {
		got = shorten(fmt.Sprint(value))
	}

	f := fault{rule: ruleType, text: must + ", not " + got}
	if rewritable {
		f.hint = typeHint(value, want)
	}

	return f
}

// valueFault describes an invalid value of the right type. The hint unknown is used
// for empty values.
func valueFault(complaint jsonschema.ErrorKind, value any, unknown string) fault {
	if value == "" { // takes precedence: it violates formats and patterns, too
		return fault{ruleEmpty, "is empty", unknown}
	}
	switch k := complaint.(type) {
	case *kind.MinItems:
		return fault{ruleEmpty, "has no elements", unknown}
	case *kind.UniqueItems:
		twice := lookup(value, []string{strconv.Itoa(k.Duplicates[1])})
		return fault{ruleValue, fmt.Sprintf("contains %s twice", quoted(twice)), ""}

	case *kind.Format:
		return formatFault(k.Want, fmt.Sprint(value))
	case *kind.Pattern:
		return patternFault(k.Want, fmt.Sprint(value))
	case *kind.Minimum:
		return fault{ruleRange, fmt.Sprintf("is %v, must be at least %s", value, k.Want.RatString()), ""}
	case *kind.Maximum:
		return fault{ruleRange, fmt.Sprintf("is %v, must be at most %s", value, k.Want.RatString()), ""}
	case *kind.Enum:
		return fault{ruleValue, fmt.Sprintf("is %s, must be one of %s", quoted(value), list(k.Want)), ""}
	case *kind.Const:
		return fault{ruleValue, fmt.Sprintf("is %s, must be %s", quoted(value), quoted(k.Want)), ""}
	}

	return fault{ruleValue, complaint.LocalizedString(message.NewPrinter(language.English)), ""}
}

// formatFault describes a string that violates a format of JSON Schema.
func formatFault(format, text string) fault {
	switch format {
	case "date":
		return dateFault(text)
	case "email":
		return fault{ruleValue, fmt.Sprintf("is %s, which is not an e-mail address", quoted(text)), ""}
	case "uri":
		return fault{
			ruleValue, fmt.Sprintf("is %s, which is not an absolute URL", quoted(text)),
			"write it as https://example.org",
		}
	}
	return fault{ruleValue, fmt.Sprintf("is %s, which is not a valid %s", quoted(text), format), ""}
}

// patternFault describes a string that does not match a schema's pattern.
func patternFault(pattern, text string) fault {
	switch {
	case pattern == macPattern:
		return macFault(text)
	case strings.HasSuffix(pattern, " GMT$"):
		return fault{
			ruleDate, fmt.Sprintf("is %s, which is not a date as HTTP writes it", quoted(text)),
			"write it as Mon, 15 Jun 2015 16:00:00 GMT",
		}

	case pattern == "^https?://":
		return fault{ruleValue, fmt.Sprintf("is %s, must be a URL that starts with https:// or http://",
			quoted(text)), ""}
	}
	return fault{ruleValue, fmt.Sprintf("is %s, must match %s", quoted(text), pattern), ""}
}

// acceptsAnyText reports whether the schema at a URL restricts only the type.
func (c *Checker) acceptsAnyText(file route.KindID, url string) bool {
	schema, _ := lookup(c.sources[file], schemaPath(url)).(map[string]any)
	return schema["format"] == nil && schema["pattern"] == nil && schema["enum"] == nil
}

// isRequired reports whether the schema at a URL is that of a required member.
func (c *Checker) isRequired(file route.KindID, url string) bool {
	path := schemaPath(url)
	n := len(path) - 2
	if n < 0 || path[n] != "properties" {
		return false
	}
	required, _ := lookup(c.sources[file], append(path[:n:n], "required")).([]any)
	return slices.Contains(required, any(path[n+1]))
}

// schemaPath returns the path of a schema in its file.
func schemaPath(url string) []string {
	_, at, _ := strings.Cut(url, "#")
	return strings.Split(at, "/")[1:]
}
