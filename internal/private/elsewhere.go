package private

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Elsewhere is a place where hidden values are public.
type Elsewhere struct {
	Hidden  string          // the pointer that hides them
	Pointer string          // where they are public; "" for the message of the commit
	Values  int             // their number
	Commit  *history.Commit // the newest that brought one of them there
	Path    string          // of the file there
}

// Elsewhere returns where values that are hidden are public all the same, in files and in
// messages of any commit: most values first.
func (v *View) Elsewhere(ctx context.Context, dir string, head history.Hash, limits history.Limits) ([]Elsewhere, error) {
	fail := func(err error) ([]Elsewhere, error) {
		return nil, fmt.Errorf("look for hidden values elsewhere: %w", err)
	}
	h, files, err := history.Walk(ctx, v, head, nil, dir, limits)
	if err != nil {
		return fail(err)
	}

	hidden := map[string]string{} // values, by which pointer
	if err := v.eachText(ctx, h, files, dir, func(_ *history.Commit, _ string, text []byte) bool {
		for _, p := range v.rules.Hidden.pointers {
			for value := range rawjson.Named(text, p) {
				eachScalar(value, nil, func(_ []string, scalar string) { hidden[scalar] = rawjson.FormatPointer(p) })
			}
		}
		return true
	}); err != nil {
		return fail(err)
	}

	found := places{hidden: hidden, byKey: map[[2]string]*place{}}
	for _, c := range h.Commits {
		for _, word := range strings.FieldsFunc(c.Message, isBetweenWords) {
			found.add(strings.TrimRight(word, ".:"), Elsewhere{Commit: c})
		}
	}
	err = v.eachText(ctx, h, files, dir, func(c *history.Commit, path string, text []byte) bool {
		eachScalar(v.rules.Hidden.pointers.Remove(text), nil, func(at []string, scalar string) {
			where := Elsewhere{Pointer: rawjson.FormatPointer(at), Commit: c, Path: path}
			found.add(scalar, where)
			for _, word := range strings.FieldsFunc(scalar, isBetweenWords) { // of a list in a string
				found.add(word, where)
			}
		})
		return true
	})
	if err != nil {
		return fail(err)
	}

	return found.list(), nil
}

// isBetweenWords reports whether a character of a message is in no serial number or
// address.
func isBetweenWords(r rune) bool {
	return !strings.ContainsRune(":._-", r) && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
}

// minIdentifier is the length of the shortest value that is looked for: shorter ones
// are alike by chance.
const minIdentifier = 6

// eachScalar visits the strings and numbers of a compact text that may identify
// something: those with a digit. Indexes of arrays in their pointers are AnySegment.
func eachScalar(value []byte, at []string, visit func(at []string, scalar string)) {
	for key, member := range rawjson.Members(value) {
		name, _ := rawjson.Unquote(key)
		eachScalar(member, append(at[:len(at):len(at)], name), visit)
	}
	for element := range rawjson.Elements(value) {
		eachScalar(element, append(at[:len(at):len(at)], rawjson.AnySegment), visit)
	}

	text, ok := rawjson.Unquote(value)
	if !ok && value[0] != '{' && value[0] != '[' {
		text = string(value)
	}
	if len(text) >= minIdentifier && strings.ContainsAny(text, "0123456789") {
		visit(at, text)
	}
}

// places collects what was found, by pointers.
type places struct {
	hidden map[string]string
	byKey  map[[2]string]*place
}

type place struct {
	Elsewhere
	values map[string]bool
}

// add adds a text if it is hidden.
func (p *places) add(text string, where Elsewhere) {
	pointer, ok := p.hidden[text]
	if !ok {
		return
	}

	where.Hidden = pointer
	key := [2]string{pointer, where.Pointer}
	if p.byKey[key] == nil {
		p.byKey[key] = &place{where, map[string]bool{}}
	}
	p.byKey[key].values[text] = true
}

func (p *places) list() (all []Elsewhere) {
	for _, found := range p.byKey {
		found.Values = len(found.values)
		all = append(all, found.Elsewhere)
	}
	slices.SortFunc(all, func(a, b Elsewhere) int {
		return cmp.Or(b.Values-a.Values, strings.Compare(a.Hidden, b.Hidden), strings.Compare(a.Pointer, b.Pointer))
	})
	return all
}
