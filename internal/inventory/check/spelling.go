package check

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// spelling is a searchable text, whatever its letter case.
type spelling struct{ property, lower string }

// spellings counts the ways in which texts are written.
type spellings map[spelling]map[string]int

// isSearched reports whether searches compare the texts of a property.
func isSearched(p *hardware.Property) bool {
	return p != nil && p.Search != "" && (p.Kind == hardware.KindText || p.Kind == hardware.KindSet)
}

func countSpellings(g *inventory.Grid) spellings {
	counts := spellings{}
	properties := hardware.Properties()
	for r := range g.In(inventory.Place{}, route.NodeKind) {
		n := hardware.ReadNode(hardware.Place{Site: r.Site, Cluster: r.Cluster, UID: r.UID}, r.File.Object)
		for i := range properties {
			if !isSearched(&properties[i]) {
				continue
			}
			for _, text := range n.Facts[i].Texts {
				key := spelling{properties[i].Name, strings.ToLower(text)}
				if counts[key] == nil {
					counts[key] = map[string]int{}
				}
				counts[key][text]++
			}
		}
	}

	return counts
}

// findings reports texts of a node that look like others on pages, but are different
// to programs: with white space around them, or in another letter case than on most
// nodes.
func (s spellings) findings(doc any) (found inventory.Diagnostics) {
	visitTexts(doc, nil, func(path []string, text string) {
		p := hardware.PropertyAt(path[0], path[len(path)-1])
		if !isSearched(p) {
			return
		}

		report := func(rule, hint, format string, args ...any) {
			message := fmt.Sprintf("%s is %s, ", strings.Join(path, "."), quoted(text)) + fmt.Sprintf(format, args...)
			found = append(found, inventory.Diagnostic{
				Rule: rule, Pointer: pointer(path), Message: message, Hint: hint,
			})
		}

		if plain := strings.TrimSpace(text); plain != text {
			report("blanks", "write "+quoted(plain), "with a blank before or after it")
			return
		}

		counts := s[spelling{p.Name, strings.ToLower(text)}]
		usual := text
		for _, other := range slices.Sorted(maps.Keys(counts)) {
			if counts[other] > counts[usual] {
				usual = other
			}
		}

		if usual != text {
			report("letter-case", "write it in one way", "but %d nodes have %s", counts[usual], quoted(usual))
		}
	})
	return found
}

// visitTexts calls a function with each string of a document and its path of names and
// indexes.
func visitTexts(v any, path []string, visit func(path []string, text string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			visitTexts(v[name], append(slices.Clone(path), name), visit)
		}
	case []any:
		for i, e := range v {
			visitTexts(e, append(slices.Clone(path), strconv.Itoa(i)), visit)
		}
	case string:
		if len(path) > 0 {
			visit(path, v)
		}
	}
}
