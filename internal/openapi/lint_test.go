package openapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
)

// object is a JSON object of the document.
type object = map[string]any

// linter collects what is wrong with a document.
type linter struct {
	*testing.T
	doc object
}

func newLinter(t *testing.T) linter {
	t.Helper()
	return lintOf(t, openapi.Options{Examples: examples(sampleFiles(t, build.Options{}))})
}

func lintOf(t *testing.T, opts openapi.Options) linter {
	t.Helper()
	var doc object
	if err := json.Unmarshal(openapi.Document(opts), &doc); err != nil {
		t.Fatal(err)
	}
	return linter{t, doc}
}

func TestLintOperations(t *testing.T) {
	t.Parallel()
	l := lintOf(t, openapi.Options{})
	tags := map[string]bool{} // whether in use

	for _, tag := range l.doc["tags"].([]any) {
		tag := tag.(object)
		l.wants("tag", tag, "name", "description")
		tags[tag["name"].(string)] = false
	}

	ids := map[string]bool{}
	paths := l.doc["paths"].(object)
	for _, r := range route.All() {
		item, ok := paths[r.Pattern].(object)
		if !ok {
			l.Errorf("%s is not in the document", r.Pattern)
			continue
		}

		op := item["get"].(object)
		l.wants(r.Pattern, op, "operationId", "summary", "tags", "responses")
		id, _ := op["operationId"].(string)
		if ids[id] {
			l.Errorf("the operationId %q is duplicated", id)
		}

		ids[id] = true
		for _, tag := range op["tags"].([]any) {
			if _, ok := tags[tag.(string)]; !ok {
				l.Errorf("%s: the tag %q is not declared", r.Pattern, tag)
			}
			tags[tag.(string)] = true
		}

		l.parameters(r, op)
		l.responses(r, op)
	}

	if len(paths) != len(ids) {
		l.Errorf("the document has %d paths, the table %d", len(paths), len(ids))
	}

	for tag, used := range tags {
		if !used {
			l.Errorf("the tag %q is not used", tag)
		}
	}
}

// parameters checks that a route's parameters are declared, in order.
func (l linter) parameters(r *route.Route, op object) {
	var got []string
	list, _ := op["parameters"].([]any)
	for _, p := range list {
		p := l.resolve(p.(object))
		l.wants(r.Pattern, p, "name", "in", "description", "schema")
		got = append(got, fmt.Sprint(p["in"], " ", p["name"]))
		if p["in"] == "path" && p["required"] != true {
			l.Errorf("%s: the parameter %s is not required", r.Pattern, p["name"])
		}
		if (p["example"] != nil) != (p["required"] == true) {
			l.Errorf("%s: the example of the parameter %s is %v", r.Pattern, p["name"], p["example"])
		}
	}

	var want []string
	for _, name := range r.Params() {
		want = append(want, "path "+name)
	}

	query := r.Query
	if r.Sliced() {
		query = route.SliceParams()
	}

	for _, p := range query {
		want = append(want, "query "+p.Name)
	}

	if !slices.Equal(got, want) {
		l.Errorf("%s: the parameters are %q, want %q", r.Pattern, got, want)
	}
}

// responses checks that a route says what the contract wants.
func (l linter) responses(r *route.Route, op object) {
	responses := op["responses"].(object)
	want := map[string]bool{"200": true, "304": true, "405": true, "4XX": true, "429": true, "500": true,
		"501": true, "503": true, "505": true,
		"206": !r.Live, "412": !r.Live, "416": !r.Live,
		"307": r.Representation == route.Version,
		"404": !r.Live || len(r.Params()) > 0,
		"422": len(r.Query) > 0 || r.Sliced(),
	}
	for status, wanted := range want {
		if _, ok := responses[status]; ok != wanted {
			l.Errorf("%s: the status %s is there: %v, want %v", r.Pattern, status, ok, wanted)
		}
	}

	for status, response := range responses {
		response := l.resolve(response.(object))
		l.wants(r.Pattern+" "+status, response, "description")
		for name, header := range l.get(response, "headers") {
			l.wants(name, l.resolve(header.(object)), "description", "schema", "example")
		}
	}

	if !r.Live {
		missing := l.get(l.resolve(responses["404"].(object)), "content", "application/problem+json", "example")
		if missing["detail"] != r.NotFoundDetail {
			l.Errorf("%s: the 404 says %q, want %q", r.Pattern, missing["detail"], r.NotFoundDetail)
		}
	}

	l.wants(r.Pattern+" 200", l.get(responses, "200", "content", r.MediaType()), "schema", "example")
}

// wants checks that members are there and say something.
func (l linter) wants(where string, o object, names ...string) {
	l.Helper()
	for _, name := range names {
		switch v := o[name]; {
		case v == nil, v == "":
			l.Errorf("%s: there is no %s", where, name)
		}
	}
}

// get goes down through members, and gives nil where there are none.
func (l linter) get(o object, names ...string) object {
	for _, name := range names {
		o, _ = o[name].(object)
	}
	return o
}

// resolve follows a reference to a component.
func (l linter) resolve(o object) object {
	l.Helper()
	ref, ok := o["$ref"].(string)
	if !ok {
		return o
	}

	target := l.get(l.doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	if target == nil {
		l.Errorf("%s leads nowhere", ref)
	}

	return target
}

// every calls visit with every object of a JSON value, and its JSON pointer,
// but for what is inside examples.
func every(v any, path string, visit func(path string, o object)) {
	switch v := v.(type) {
	case object:
		visit(path, v)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if name != "example" && name != "examples" {
				every(v[name], path+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), visit)
			}
		}
	case []any:
		for i, e := range v {
			every(e, fmt.Sprint(path, "/", i), visit)
		}
	}
}

func TestLintComponents(t *testing.T) {
	t.Parallel()
	l := newLinter(t)
	used := map[string]bool{}
	every(l.doc, "", func(_ string, o object) {
		if ref, ok := o["$ref"].(string); ok {
			l.resolve(o)
			used[ref] = true
		}
	})

	legal := regexp.MustCompile(`^[A-Za-z0-9._-]+$`) // OpenAPI Specification 3.1.0, section 4.8.7.1
	for kind, all := range l.doc["components"].(object) {
		for name, c := range all.(object) {
			if ref := "#/components/" + kind + "/" + name; !used[ref] {
				l.Errorf("nothing refers to %s", ref)
			}
			if !legal.MatchString(name) {
				l.Errorf("%s is no name for a component", name)
			}
			l.wants(kind+"/"+name, c.(object), "description")
		}
	}

	conditions := regexp.MustCompile(`/(if|then|else|not)/`)
	every(l.doc["components"], "", func(path string, o object) {
		properties, ok := o["properties"].(object)
		if !ok || conditions.MatchString(path+"/") {
			return
		}

		for name, p := range properties {
			p := p.(object)
			if p["description"] == nil {
				p = l.resolve(p)
			}
			l.wants(path+" "+name, p, "description")
		}

		required, _ := o["required"].([]any)
		for _, name := range required {
			if properties[name.(string)] == nil {
				l.Errorf("%s: the required member %q is not described", path, name)
			}
		}
	})
}

// Every operation says what it is for in a few sentences.
func TestOperationsAreDescribed(t *testing.T) {
	t.Parallel()
	verb := regexp.MustCompile(`^(Get|List|Search|Find|Read|Try) `)
	for _, op := range openapi.Operations(openapi.Options{}) {
		if !verb.MatchString(op.Summary) {
			t.Errorf("%s: the summary %q does not begin with a verb", op.ID, op.Summary)
		}
		if n := strings.Count(op.Description, ". ") + 1; n < 2 || n > 4 || !strings.HasSuffix(op.Description, ".") {
			t.Errorf("%s: the description has %d sentences, want two to four: %q", op.ID, n, op.Description)
		}
	}
}
