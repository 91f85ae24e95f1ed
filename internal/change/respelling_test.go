package change_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/route"
)

// said is a JSON value that can be written in several ways.
type said struct {
	text     string // of a leaf: what it says
	isNumber bool   // a leaf may be a number
	members  []saidMember
	list     []said
	isList   bool
}

type saidMember struct {
	name string
	said
}

// drawSaid makes a value whose leaves are all different, so that any of them may change.
func drawSaid(t *rapid.T, depth int, next *int) said {
	leaf := func() said {
		*next++
		switch rapid.IntRange(0, 3).Draw(t, "leaf") {
		case 0:
			return said{text: strconv.Itoa(100 + *next), isNumber: true}
		case 1:
			return said{text: fmt.Sprintf("%d.5", 100+*next), isNumber: true}
		case 2:
			return said{text: fmt.Sprintf("Café Ångström %c-%d", 'A'+*next%26, *next)}
		}
		return said{text: fmt.Sprintf("rack 1-%d", 100+*next)}
	}
	if depth == 0 {
		return leaf()
	}

	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0: // devices with an identity, of which some are equal in all else
		list := said{isList: true}
		name := rapid.SampledFrom([]string{"serial", "mac", "wwn", "device"}).Draw(t, "identity")
		for range rapid.IntRange(1, 4).Draw(t, "devices") {
			*next++
			list.list = append(list.list, said{members: []saidMember{
				{name, said{text: fmt.Sprintf("id%d", *next)}}, {"model", drawSaid(t, depth-1, next)}, {"size", said{text: "480", isNumber: true}},
			}})
		}
		return list
	case 1:
		list := said{isList: true}
		for range rapid.IntRange(1, 4).Draw(t, "elements") {
			list.list = append(list.list, drawSaid(t, depth-1, next))
		}
		return list
	case 2:
		v := said{}
		for i := range rapid.IntRange(1, 3).Draw(t, "members") {
			v.members = append(v.members, saidMember{fmt.Sprintf("m%d", i), drawSaid(t, depth-1, next)})
		}
		return v
	}
	return leaf()
}

// write writes a value in one of its forms; only the first has an order and a form of its own.
func (v said) write(t *rapid.T, isFirst bool) string {
	yes := func(label string) bool { return !isFirst && rapid.Bool().Draw(t, label) }
	var parts []string
	switch {
	case v.isList:
		for _, e := range v.list {
			parts = append(parts, e.write(t, isFirst))
		}
		if !isFirst {
			parts = rapid.Permutation(parts).Draw(t, "order")
		}
		return "[" + strings.Join(parts, ",") + "]"
	case v.members != nil:
		for _, m := range v.members {
			parts = append(parts, strconv.Quote(m.name)+":"+m.said.write(t, isFirst))
		}
		if !isFirst {
			parts = rapid.Permutation(parts).Draw(t, "members")
		}
		return "{" + strings.Join(parts, ",") + "}"
	case v.isNumber:
		text := v.text
		if yes("zero") {
			text += map[bool]string{true: "0", false: ".0"}[strings.Contains(text, ".")]
		}
		if yes("text") {
			text = strconv.Quote(text)
		}
		return text
	}

	text := v.text
	if yes("capitals") {
		text = strings.ToUpper(text)
	}
	if yes("decomposed") {
		text = norm.NFD.String(text)
	}
	return strconv.Quote(text)
}

// leaves are the places of all that may change.
func (v *said) leaves() (all []*said) {
	for i := range v.list {
		all = append(all, v.list[i].leaves()...)
	}
	for i := range v.members {
		all = append(all, v.members[i].said.leaves()...)
	}
	if v.members == nil && !v.isList {
		all = append(all, v)
	}
	return all
}

// What is only written otherwise is never a change, in whatever order lists are and
// whatever form values have. What says something else always is one.
func TestRespelling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		next := 0
		v := said{members: []saidMember{{"storage_devices", drawSaid(t, 3, &next)}, {"processor", drawSaid(t, 2, &next)}}}
		before := v.write(t, true)
		tell := func(after string) (changes []string) {
			for _, op := range change.Diff([]byte(before), []byte(after)).Reading() {
				if op.About(route.NodeKind) != change.AboutSpelling {
					changes = append(changes, fmt.Sprintf("%s %s %s %s", op.Kind(), op.Pointer, op.Old, op.New))
				}
			}
			return changes
		}

		if after := v.write(t, false); len(tell(after)) > 0 {
			t.Fatalf("%s\nis another form of\n%s\nand is told as %q", after, before, tell(after))
		}

		leaf := rapid.SampledFrom(v.leaves()).Draw(t, "changed")
		if leaf.isNumber {
			leaf.text = "9" + leaf.text
		} else {
			leaf.text = strings.Replace(leaf.text, "1", "91", 1) + "7"
		}
		if after := v.write(t, false); len(tell(after)) == 0 {
			t.Fatalf("%s\nis not\n%s\nand is told as the same", after, before)
		}
	})
}
