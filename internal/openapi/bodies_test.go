package openapi_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/openapitest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

func TestTreeFitsDocument(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "/ref", "https://api.example.org/ref"} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			checkTree(t, validator(t, openapi.Options{Base: base}), sampleFiles(t, build.Options{Base: base}))
		})
	}
}

// Files may lack members, have others, and have some that the API sets itself.
func TestOddTreeFitsDocument(t *testing.T) {
	t.Parallel()
	repo := treetest.Repo(t, oddities)
	checkTree(t, validator(t, openapi.Options{}), buildFiles(t, repo, "data/odd", build.Options{}))
}

// What moved has histories, though it is not there any more.
func TestMovesFitDocument(t *testing.T) {
	t.Parallel()
	repo := treetest.Repo(t, treetest.Moves)
	checkTree(t, validator(t, openapi.Options{}), buildFiles(t, repo, "d", build.Options{}))
}

const oddities = `
-- commit odd --
author: Ada Lovelace <ada@example.org>
date: 2025-01-06T09:00:00Z

Odd values
-- data/odd/odd.json --
{"uid": "odd", "timestamp": 1, "version": 2, "links": "none"}
-- data/odd/sites/s/s.json --
{"uid": "s", "longitude": -0.0, "web": null, "version": "mine", "links": []}
-- data/odd/sites/s/clusters/c/c.json --
{"uid": "c", "queues": [], "nodes": 7}
-- data/odd/sites/s/clusters/c/nodes/n.json --
{"uid": "n", "node_type": "t", "cooling": {"liquid": true}}
-- data/odd/sites/s/flavors/m1.odd 50.json --
{"uid": "m1.odd 50", "su_cost_per_hour": 2.50}
`

func checkTree(t *testing.T, v *openapitest.Validator, files []tree.File) {
	t.Helper()
	seen := map[route.ID]bool{}
	for _, f := range files {
		if filepath.Ext(f.Path) != ".json" {
			continue
		}
		if strings.HasPrefix(f.Path, api.ProblemDir+"/") {
			if err := v.Component("Problem", f.Body); err != nil {
				t.Errorf("%s: %v", f.Path, err)
			}
			continue
		}

		id, args, ok := routeOf(f)
		if !ok {
			if !strings.HasPrefix(f.Path, route.AssetDir+"/") && f.Path != route.HardwareIndex {
				t.Errorf("%s answers no route", f.Path)
			}
			continue
		}

		seen[id] = true
		if err := v.Body(id.Path(args...), http.StatusOK, id.Get().MediaType(), f.Body); err != nil {
			t.Errorf("%s: %v", f.Path, err)
		}
	}

	for id, r := range route.All() {
		if !r.Live && r.Schema != "" && id != route.OpenAPI && !seen[id] {
			t.Errorf("no file answers %s", r.Pattern)
		}
	}
}

func TestLiveBodiesFitDocument(t *testing.T) {
	t.Parallel()
	v := validator(t, openapi.Options{})
	bodies := liveBodies()

	for id, r := range route.All() {
		if !r.Live {
			continue
		}
		e := bodies[id]
		if err := v.Body(id.Path(e.Args...), http.StatusOK, r.MediaType(), e.Body); err != nil {
			t.Error(err)
		}
	}
}

// Answers of the service that this project replaces lie beside the checkout of
// whoever has them.
func TestCapturedBodiesFitDocument(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "..", "shared", "contract")
	v := validator(t, openapi.Options{})
	checked := 0

	for _, name := range []string{"responses.ndjson.gz", "availability.ndjson"} {
		f, err := os.Open(filepath.Join(dir, name))
		if os.IsNotExist(err) {
			t.Logf("no real data: %s is not there", name)
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		defer f.Close()

		checked += checkCaptured(t, v, name, f)
	}

	t.Logf("%d captured bodies were checked", checked)
}

func checkCaptured(t *testing.T, v *openapitest.Validator, name string, r io.Reader) (checked int) {
	t.Helper()
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = z
	}

	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) == 0 && err == io.EOF {
			return checked
		} else if err != nil && err != io.EOF {
			t.Fatal(err)
		}

		var c struct {
			Path        string
			Status      int
			ContentType string `json:"content_type"`
			Body        json.RawMessage
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}

		// Other errors have another form now, and "versions" is a cluster's
		// or a flavor's uid no more.
		fits := c.Status == http.StatusOK || c.Status == http.StatusUnprocessableEntity
		if !fits || strings.Contains(c.Path, "/versions/versions") || strings.Contains(c.Path, "/versions/nodes") {
			continue
		}

		if err := v.Body(c.Path, c.Status, c.ContentType, c.Body); err != nil {
			t.Errorf("%s: %v", name, err)
		}

		checked++
	}
}
