package release_test

import (
	"io/fs"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// A release that follows another one is what it would be without it, whatever came, went,
// changed or moved.
func TestNext(t *testing.T) {
	t.Parallel()
	a, b, c := node("a", "A100"), node("b", "A100"), node("c", "H100")
	r := next(t, nil, "Site", a, b, c)
	for what, nodes := range map[string][]string{
		"nothing":  {a, b, c},
		"came":     {a, node("aa", "T4"), b, node("bb", "T4"), c},
		"went":     {c},
		"changed":  {a, node("b", "V100"), c},
		"all went": {},
		"all new":  {node("x", "T4")},
	} {
		for _, name := range []string{"Site", "Renamed"} {
			got, want := next(t, r, name, nodes...), next(t, nil, name, nodes...)
			if diff := cmp.Diff(want.Nodes, got.Nodes, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", what, name, diff)
			}
			for _, word := range []string{"a100", "h100", "t4", "v100", "site", "renamed", "a", "x"} {
				found, all := got.Words.Find([]string{word}), want.Words.Find([]string{word})
				if diff := cmp.Diff(all, found, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s, %s: %q finds %b, want %b", what, name, word, found, all)
				}
			}
		}
	}
}

func node(uid, model string) string {
	return `{"uid":"` + uid + `","site_id":"s","cluster_id":"c","gpu":{"gpu":true,"gpu_model":"` + model + `"},"name":"n"}`
}

// next is a release with some nodes, after another one.
func next(t *testing.T, before *release.Release, siteName string, nodes ...string) *release.Release {
	t.Helper()
	files := map[string]string{
		"index.json": `{"timestamp":"2025-01-01T00:00:00Z"}`, "versions.json": `{"versions":[]}`,
		"sites.json": `{"total":1,"offset":0,"items":[{"uid":"s","name":"` + siteName + `"}]}`,
		"nodes.json": `{"total":1,"offset":0,"items":[` + strings.Join(nodes, ",") + `]}`,
	}
	var collected tree.Collector
	for file := range maps.Keys(files) {
		collected.Add(tree.Entry{Path: file})
	}
	r, err := before.Next(collected.Manifest(tree.Release{ID: "r"}), time.Now(), func(file string) ([]byte, error) {
		if text, ok := files[file]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
