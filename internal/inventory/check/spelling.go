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

// spellings counts the spellings of searchable texts: by property, by the text in
// lower case, by the text.
type spellings map[string]map[string]map[string]int

// isSearched reports whether searches compare the texts of a property.
func isSearched(p *hardware.Property) bool {
	return p != nil && p.Search != "" && (p.Kind == hardware.KindText || p.Kind == hardware.KindSet)
}

func countSpellings(g *inventory.Grid) spellings {
	counts := spellings{}
	properties := hardware.Properties()
	for r := range g.Resources() {
		if r.Kind != route.NodeKind {
			continue
		}
		n := hardware.ReadNode(r.Site, r.Cluster, r.UID, r.File.Object)
		for i := range properties {
			if p := &properties[i]; isSearched(p) {
				counts.add(p.Name, n.Facts[i].Texts)
			}
		}
	}

	return counts
}

func (s spellings) add(property string, texts []string) {
	for _, text := range texts {
		lower := strings.ToLower(text)
		if s[property] == nil {
			s[property] = map[string]map[string]int{}
		}
		if s[property][lower] == nil {
			s[property][lower] = map[string]int{}
		}
		s[property][lower][text]++
	}
}

// findings reports texts of a node that look like others on pages, but are different
// to programs: with white space around them, or in another letter case than on most
// nodes.
func (s spellings) findings(doc any) (found []finding) {
	visitTexts(doc, nil, func(path []string, text string) {
		p := hardware.PropertyAt(path[0], path[len(path)-1])
		if !isSearched(p) {
			return
		}

		at := finding{pointer: "/" + strings.Join(path, "/")}

		if plain := strings.TrimSpace(text); plain != text {
			at.rule = "blanks"
			at.message = fmt.Sprintf("%s is %s, with a blank before or after it", strings.Join(path, "."),
				quoted(text))
			at.hint = "write " + quoted(plain)
			found = append(found, at)
			return
		}

		counts := s[p.Name][strings.ToLower(text)]
		usual := text
		for _, other := range slices.Sorted(maps.Keys(counts)) {
			if counts[other] > counts[usual] {
				usual = other
			}
		}

		if usual != text {
			at.rule = "letter-case"
			at.message = fmt.Sprintf("%s is %s, but %d nodes have %s", strings.Join(path, "."), quoted(text),
				counts[usual], quoted(usual))
			at.hint = "write it in one way"
			found = append(found, at)
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
