package change_test

import (
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Names in a summary cannot turn the words around them, and no name is longer
// than any honest one.
func TestSummaryOfHostileNames(t *testing.T) {
	t.Parallel()
	node := func(site, nodeType string) change.Resource {
		return change.Resource{File: &change.File{Place: inventory.Place{Kind: route.NodeKind, Site: site, UID: "n"}},
			Effect: &change.Effect{Before: change.Absent, After: change.Present, NodeType: nodeType}}
	}

	long := strings.Repeat("x", 100)
	for _, tt := range []struct {
		resource change.Resource
		want     string
	}{
		{node("uc", "gpu_a100"), "1 node of type gpu_a100 added at uc"},
		{node("uc", "\u202egnp.exe"), "1 node of type \u2068\u202egnp.exe\u2069 added at uc"},
		{node("שרה", "שלום"), "1 node of type \u2068שלום\u2069 added at \u2068שרה\u2069"},
		{node("uc", "\u202e"+long), "1 node of type \u2068\u202e" + long[:58] + "…\u2069 added at uc"},
		{change.Resource{File: &change.File{Place: inventory.Place{Kind: route.ClusterKind, Site: "uc", UID: "\u202ec"}},
			Effect: &change.Effect{Before: change.Present, After: change.Absent}}, "cluster \u2068\u202ec\u2069 removed at uc"},
		{change.Resource{File: &change.File{Place: inventory.Place{Kind: route.FlavorKind, Site: "uc", UID: "\u202ef"}},
			Effect: &change.Effect{Before: change.Present, After: change.Present, Members: []string{"\u202em"}}}, "flavor \u2068\u202ef\u2069 changed at uc (\u2068\u202em\u2069)"},
	} {
		if got := change.Summary([]change.Resource{tt.resource}); got != tt.want {
			t.Errorf("the summary is %+q, want %+q", got, tt.want)
		}
	}
}
