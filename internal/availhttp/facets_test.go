package availhttp_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/txtarrepo"
)

// anomalies are files that say one thing in several ways.
var anomalies = txtarrepo.Testbed(`
s {"uid":"a","node_type":"small","storage_devices":[{"media_type":"SSD"},null],"gpu":{"gpu":"false","gpu_model":"A"},"infiniband":"false"}
s {"uid":"b","node_type":"small ","storage_devices":{"sda":{"media_type":"ssd "}},"gpu":{"gpu":false,"gpu_count":2,"gpu_model":"A"},"infiniband":0}
s {"uid":"c","node_type":12,"architecture":{"platform_type":"x86_64 "},"gpu":{"gpu_count":2,"gpu_model":"Alpha"},"placement":{"rack":" r1"}}
s {"uid":"d","node_type":"Small","architecture":[{"platform_type":"x86_64","smt_size":8}],"gpu":[{"gpu":true,"gpu_model":"Alpha"},{"gpu":true,"gpu_count":2,"gpu_model":"Beta"}]}
s {"uid":"e","gpu":{"gpu":"true","gpu_count":1},"storage_devices":[{"media_type":"HDD"},{"media_type":"hdd"}]}
`)

// A search finds as many nodes for each value of a facet as the facet counts.
func TestFacetsAgreeWithSearches(t *testing.T) {
	t.Parallel()
	w := worldOf(t, anomalies)
	body, err := os.ReadFile(filepath.Join(w.tree.Dir, filepath.FromSlash(route.Facets.File())))
	if err != nil {
		t.Fatal(err)
	}

	var facets struct {
		Items []struct {
			Name   string
			Values []struct {
				Value any
				Count int
			}
		}
	}
	if err := json.Unmarshal(body, &facets); err != nil {
		t.Fatal(err)
	}

	compared := 0
	properties := hardware.Properties()
	for _, f := range facets.Items {
		i := slices.IndexFunc(properties, func(p hardware.Property) bool { return p.Facet == f.Name })
		if properties[i].Search == "" {
			continue
		}
		for _, v := range f.Values {
			query := url.Values{properties[i].Search: {fmt.Sprint(v.Value)}}
			found := uidsOf(t, get(t, w, "/nodes/search?"+query.Encode()).Body.Bytes())
			if len(found) != v.Count {
				t.Errorf("%s: the facet counts %d, and the search finds %d", query.Encode(), v.Count, len(found))
			}
			compared++
		}
	}

	if compared < 12 {
		t.Errorf("only %d values were compared", compared)
	}
}

// What there are no GPUs for is found by no filter of GPUs.
func TestOneReadingOfGPUs(t *testing.T) {
	t.Parallel()
	w := worldOf(t, anomalies)
	for query, want := range map[string]string{
		"gpu=true":               "c d",
		"gpu=false":              "a b e",
		"min_gpus=1":             "c d",
		"min_gpus=3":             "d",
		"gpu_model=alpha":        "c d",
		"gpu_model=beta":         "d",
		"q=beta":                 "d",
		"node_type=small":        "a b",
		"node_type=small%20":     "a b",
		"storage_media=SSD":      "a b",
		"min_threads=8":          "d",
		"min_cores=8":            "d",
		"sort=-threads&limit=1":  "d",
		"infiniband=true":        "a",
		"processor_model=&gpu=1": "c d",
	} {
		uids := uidsOf(t, get(t, w, "/nodes/search?"+query).Body.Bytes())
		if found := strings.Join(uids, " "); found != want {
			t.Errorf("%s finds %q, want %q", query, found, want)
		}
	}
}

// uidsOf are the uids of the nodes that a search finds, in its order.
func uidsOf(t *testing.T, body []byte) (uids []string) {
	t.Helper()
	var got struct{ Items []struct{ UID string } }
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}

	for _, item := range got.Items {
		uids = append(uids, item.UID)
	}

	return uids
}
