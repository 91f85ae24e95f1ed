package record_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/availhttp/record"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/openapitest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// recorded builds the tree of a repository, and returns what was recorded for it.
func recorded(t *testing.T, repo *gitrepo.Repo) (live openapi.Examples, at time.Time) {
	t.Helper()
	in := treetest.Input(t, repo, "", build.Options{Base: "/ref"})
	in.Live = func(of tree.Release, hour time.Time, static openapi.Examples) (openapi.Examples, error) {
		var err error
		at = hour
		live, err = record.Live(of, hour, static)
		return live, err
	}

	treetest.Files(t, in)
	return live, at
}

func openSample(t *testing.T) *gitrepo.Repo {
	t.Helper()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// Each live route has a response that the description allows, with something in it.
func TestLive(t *testing.T) {
	t.Parallel()
	live, at := recorded(t, openSample(t))
	if want := time.Date(2025, 11, 21, 9, 0, 0, 0, time.UTC); !at.Equal(want) {
		t.Errorf("recorded at %v, want the hour of the newest commit, %v", at, want)
	}

	document, err := openapitest.New(openapi.Document(openapi.Options{}))
	if err != nil {
		t.Fatal(err)
	}

	for id, r := range route.All() {
		if !r.Live {
			continue
		}

		e := live[id]
		if err := document.Body(id.Path(e.Args...), http.StatusOK, r.MediaType(), e.Body); err != nil {
			t.Errorf("%s: %v", r.Pattern, err)
		}
		for _, empty := range []string{`"total":0`, `[]`, `"last_synced":null`} {
			if bytes.Contains(e.Body, []byte(empty)) && id != route.Search {
				t.Errorf("%s: the example has %s: %s", r.Pattern, empty, e.Body)
			}
		}
	}

	again, _ := recorded(t, openSample(t))
	if d := cmp.Diff(live, again); d != "" {
		t.Errorf("another build: %s", d)
	}
}

func TestWithoutNodes(t *testing.T) {
	t.Parallel()
	live, _ := recorded(t, treetest.Repo(t, `
-- commit all --

All
-- d/d.json --
{"uid": "d"}
-- d/sites/s/s.json --
{"uid": "s"}
`))
	if len(live) > 0 {
		t.Errorf("recorded %v", live)
	}
}
