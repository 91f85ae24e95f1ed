package check

import (
	"fmt"

	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// descriptionFindings reports descriptions of types that no node has: no page shows them.
func descriptionFindings(g *inventory.Grid) (found inventory.Diagnostics) {
	if len(g.Descriptions) == 0 {
		return nil
	}

	types := map[string]bool{}
	for n := range g.In(inventory.Place{}, route.NodeKind) {
		name, _ := n.File.String("node_type")
		types[name] = true
	}

	for _, d := range g.Descriptions {
		if !types[d.Type] {
			found = append(found, inventory.Diagnostic{
				Severity: inventory.Warning, Rule: "description-unused", File: d.Path,
				Message: fmt.Sprintf("no node has the type %q, which this describes", d.Type),
				Hint:    "name the file after the type, or remove it",
			})
		}
	}

	return found
}
