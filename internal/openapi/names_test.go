package openapi_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Generators make identifiers of these names, in languages with types of their own.
var taken = []string{
	"any", "array", "bool", "boolean", "bytes", "class", "client", "date", "datetime", "dict",
	"document", "double", "duration", "element", "error", "event", "exception", "file", "filter", "float", "function",
	"history", "int", "integer", "iterator", "list", "localtime", "location", "map", "node", "number", "object",
	"offsettime", "optional", "option", "promise", "range", "record", "request", "response", "result", "set", "state",
	"string", "symbol", "text", "time", "timestamp", "tuple", "type", "union", "uuid", "version",
}

func TestComponentNames(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for kind, all := range newLinter(t).doc["components"].(object) {
		for name := range all.(object) {
			lower := strings.ToLower(name)
			if slices.Contains(taken, lower) {
				t.Errorf("%s/%s has the name of a type of many languages", kind, name)
			}
			if other, ok := seen[lower]; ok {
				t.Errorf("%s/%s and %s differ only in their kinds or in case", kind, name, other)
			}
			seen[lower] = kind + "/" + name
		}
	}
}

func TestOperationIDs(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^(get|list|search|find|export)[A-Z][A-Za-z]+$`)
	var ids []string
	for _, item := range newLinter(t).doc["paths"].(object) {
		for _, op := range item.(object) {
			id := op.(object)["operationId"].(string)
			if !form.MatchString(id) {
				t.Errorf("%s is not a verb and an object", id)
			}
			for _, other := range ids {
				if isOneLetterFrom(strings.ToLower(id), strings.ToLower(other)) {
					t.Errorf("%s and %s are one letter apart", id, other)
				}
			}

			ids = append(ids, id)
		}
	}
}

// isOneLetterFrom reports whether one letter is added, removed or replaced.
func isOneLetterFrom(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for len(a) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	return len(b) > 0 && (a == b[1:] || len(a) > 0 && a[1:] == b[1:])
}

// Generators read one type, and no unions but with null. What is published allows
// what may be added later.
func TestSchemasSuitGenerators(t *testing.T) {
	t.Parallel()
	l := newLinter(t)
	every(l.doc, "", func(path string, o object) {
		if strings.HasSuffix(path, "/properties") {
			return
		}

		_, hasConst := o["const"]
		_, hasEnum := o["enum"]
		if (hasConst || hasEnum) && o["type"] == nil {
			t.Errorf("%s has a const or an enum, but no type", path)
		}
		if types, ok := o["type"].([]any); ok && (len(types) != 2 || types[1] != "null") {
			t.Errorf("%s is one of %v", path, types)
		}
		if o["type"] == "integer" && o["format"] == nil || o["type"] == "number" && o["format"] == nil {
			t.Errorf("%s is a number without a format", path)
		}

		if isRequest := strings.Contains(path, "Filter"); o["properties"] != nil &&
			(o["additionalProperties"] == false) != isRequest {
			t.Errorf("%s: that it is closed is %v, want %v", path, !isRequest, isRequest)
		}
		for _, keyword := range []string{"prefixItems", "not", "if", "unevaluatedProperties"} {
			if _, ok := o[keyword]; ok {
				t.Errorf("%s has %s, which generators do not read", path, keyword)
			}
		}
	})
}
