package change_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"slices"
)

// A small reader of patches (RFC 6902), independent of what is tested: it works
// on decoded values, with numbers as their text.

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

type operation struct {
	Op, Path string
	Value    json.RawMessage
}

func operations(t fataler, patch []byte) []operation {
	t.Helper()
	var ops []operation
	in := json.NewDecoder(bytes.NewReader(patch))
	in.DisallowUnknownFields()
	if err := in.Decode(&ops); err != nil {
		t.Fatalf("%s is no patch: %v", patch, err)
	}
	return ops
}

func decode(t fataler, text string) any {
	t.Helper()
	in := json.NewDecoder(strings.NewReader(text))
	in.UseNumber()
	var v any
	if err := in.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

func tokens(pointer string) []string {
	all := strings.Split(pointer, "/")[1:]
	for i := range all {
		all[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(all[i])
	}
	return all
}

func lookUp(t fataler, doc any, pointer string) any {
	t.Helper()
	for _, token := range tokens(pointer) {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i >= len(v) {
				t.Fatalf("%s leads nowhere", pointer)
			}
			doc = v[i]
		default:
			t.Fatalf("%s leads nowhere", pointer)
		}
	}

	return doc
}

// apply applies a patch to a text.
func apply(t fataler, text string, patch []byte) any {
	t.Helper()
	return applyTo(t, decode(t, text), patch)
}

func applyTo(t fataler, doc any, patch []byte) any {
	t.Helper()
	for _, op := range operations(t, patch) {
		doc = step(t, doc, tokens(op.Path), op)
	}
	return doc
}

// step returns the value with the operation done below it.
func step(t fataler, doc any, path []string, op operation) any {
	t.Helper()
	token, last := path[0], len(path) == 1
	switch v := doc.(type) {
	case map[string]any:
		_, there := v[token]
		switch {
		case (op.Op != "add" || !last) && !there:
			t.Fatalf("%s %s: there is no such member", op.Op, op.Path)
		case !last:
			v[token] = step(t, v[token], path[1:], op)
		case op.Op == "remove":
			delete(v, token)
		default:
			v[token] = decode(t, string(op.Value))
		}

		return v
	case []any:
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i > len(v) || i == len(v) && (op.Op != "add" || !last) {
			t.Fatalf("%s %s: there is no such element", op.Op, op.Path)
		}

		switch {
		case !last:
			v[i] = step(t, v[i], path[1:], op)
		case op.Op == "remove":
			return slices.Delete(v, i, i+1)
		case op.Op == "add":
			return slices.Insert(v, i, decode(t, string(op.Value)))
		default:
			v[i] = decode(t, string(op.Value))
		}

		return v
	}

	t.Fatalf("%s %s leads into a value without members", op.Op, op.Path)
	return nil
}
