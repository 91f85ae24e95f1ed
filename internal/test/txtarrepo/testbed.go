package txtarrepo

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Testbed is the archive of one commit, of a testbed t whose sites have one cluster each, c.
// Nodes are lines with a site and the text of a node's file: `a {"uid":"n1"}`. More sections
// and commits may follow.
func Testbed(nodes string) string {
	var text strings.Builder
	text.WriteString("-- commit one --\nDate: 2025-01-01T00:00:00Z\n\none\n-- t/t.json --\n{\"uid\":\"t\"}\n")
	seen := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(nodes) + "\n") {
		site, file, _ := strings.Cut(line, " ")
		var node struct{ UID string }
		if err := json.Unmarshal([]byte(file), &node); err != nil {
			panic(fmt.Errorf("node %s: %w", line, err)) // a fault of the test
		}

		dir := "t/sites/" + site
		if !seen[site] {
			seen[site] = true
			fmt.Fprintf(&text, "-- %s/%s.json --\n{\"uid\":%q}\n-- %[1]s/clusters/c/c.json --\n{\"uid\":\"c\"}\n", dir, site, site)
		}
		fmt.Fprintf(&text, "-- %s/clusters/c/nodes/%s.json --\n%s", dir, node.UID, file)
	}
	return text.String()
}
