package sample_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/txtarrepo"
)

var update = flag.Bool("update", false, "write the bundle")

// TestBundle compares references alone: they are hashes of all that a repository
// holds, and packs of the same objects may differ by the library's version.
func TestBundle(t *testing.T) {
	t.Parallel()
	archive, err := os.ReadFile("testbed.txtar")
	if err != nil {
		t.Fatal(err)
	}

	want, err := txtarrepo.Bundle(archive)
	if err != nil {
		t.Fatal(err)
	}

	got, err := os.ReadFile("testbed.bundle")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(references(got), references(want)) {
		return
	}
	if *update {
		if err := os.WriteFile("testbed.bundle", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}

	t.Error("testbed.bundle is not that of testbed.txtar: run go test ./internal/sample -update")
}

// references is the header of a bundle.
func references(bundle []byte) []byte {
	header, _, _ := bytes.Cut(bundle, []byte("\n\n"))
	return header
}
