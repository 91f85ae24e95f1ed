package check_test

import (
	"maps"
	"testing"
)

// A description is named after a type that some node has.
func TestDescriptionsOfTypes(t *testing.T) {
	t.Parallel()
	fs := maps.Clone(base(t))
	fs["g/node_types/compute_skylake.md"] = "Skylake."
	fs["g/node_types/compute_skylark.md"] = "Skylark."
	want := "description-unused"
	found := find(t, fs)
	if len(found) != 1 || found[0].Rule != want || found[0].File != "g/node_types/compute_skylark.md" {
		t.Errorf("found %v, want %s", found, want)
	}
}
