package page_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Without a script the page of all nodes has a thousand of them, and links to the pages
// that have the others.
func TestListOfManyNodes(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for file, text := range map[string]string{
		"d.json": `{"uid":"d"}`, "sites/s/s.json": `{"uid":"s"}`, "sites/s/clusters/c/c.json": `{"uid":"c"}`,
	} {
		files["d/"+file] = &fstest.MapFile{Data: []byte(text)}
	}
	grid, _, err := inventory.Load(files, "d")
	if err != nil {
		t.Fatal(err)
	}

	file, err := rawjson.Parse([]byte(`{"infiniband":true}`), rawjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var nodes []hardware.Node
	for i := range 1001 {
		nodes = append(nodes, hardware.ReadNode(hardware.Place{Site: "s", Cluster: "c", UID: fmt.Sprint("n", i)}, file))
	}

	assets, err := page.Assets(page.Site{})
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]struct {
		rows int
		note string
	}{
		1000: {1000, ""},
		1001: {1000, "These are the first 1000 of 1001 nodes. The pages of clusters have all of them:"},
	} {
		r, err := page.New(page.Options{}, assets)
		if err != nil {
			t.Fatal(err)
		}
		h, err := r.Hardware(grid, nodes[:n])
		if err != nil {
			t.Fatal(err)
		}
		p, err := h.List()
		if err != nil {
			t.Fatal(err)
		}

		const cluster = "/hardware/sites/s/clusters/c"
		body := string(p.Body)
		if rows := strings.Count(body, `<th scope="row">`); rows != want.rows {
			t.Errorf("%d nodes: %d rows", n, rows)
		}
		if !strings.Contains(body, want.note) || strings.Contains(body, "The pages of clusters") != (want.note != "") ||
			slices.Contains(p.Links, cluster) != (want.note != "") {
			t.Errorf("%d nodes: the page does not lead to the others as it should: %q", n, p.Links)
		}
	}
}
