package check_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// machines is a grid with nodes that are without fault, but for type and GPU:
// "TYPE GPU" each, where GPU is JSON. It returns what is found about them by
// name.
func machines(t *testing.T, list ...string) map[string]string {
	t.Helper()
	fs := maps.Clone(base(t))
	good := fs[paths["node"]]
	delete(fs, paths["node"])

	for i, m := range list {
		kind, gpu, _ := strings.Cut(m, " ")
		uid := fmt.Sprintf("n%d", i)
		node := good

		for _, edit := range [][2]string{
			{`"uid": "n"`, fmt.Sprintf(`"uid": %q`, uid)},
			{`"node_type": "compute_skylake"`, `"node_type": ` + kind},
			{`{"gpu": false, "gpu_count": 1, "gpu_model": "P100", "gpu_vendor": "NVIDIA"}`, gpu},
		} {
			if strings.Count(node, edit[0]) != 1 {
				t.Fatalf("the good node has no %s", edit[0])
			}
			node = strings.Replace(node, edit[0], edit[1], 1)
		}

		fs[fmt.Sprintf("g/sites/s/clusters/c/nodes/%s.json", uid)] = node
	}

	found := map[string]string{}
	for _, d := range find(t, fs) {
		if d.Rule != "gpu-type" {
			continue
		}
		if d.Pointer != "/gpu/gpu" || d.Line == 0 {
			t.Errorf("at %s: %s", d.Place(), d.Pointer)
		}
		name := d.Resource[strings.LastIndex(d.Resource, "/")+1:]
		found[name] += d.Message
	}

	return found
}

func TestGPUFitsType(t *testing.T) {
	t.Parallel()
	const (
		yes = ` {"gpu": true, "gpu_count": 1, "gpu_model": "P100", "gpu_vendor": "NVIDIA"}`
		no  = ` {"gpu": false}`
	)
	for _, tt := range []struct {
		name  string
		nodes []string
		want  map[string]string
	}{
		{"all fit", []string{`"gpu_p100"` + yes, `"gpu_p100"` + yes, `"compute"` + no}, nil},
		{"no type is named after GPUs", []string{`"p100"` + yes, `"compute"` + no}, nil},
		{"one has none", []string{`"p100"` + yes, `"p100"` + yes, `"p100"` + no},
			map[string]string{"n2": `gpu.gpu is false, but 2 of the 3 nodes of type "p100" have a GPU`}},
		{"one has one", []string{`"compute"` + no, `"compute"` + yes, `"compute"` + no, `"compute"` + no},
			map[string]string{"n1": `gpu.gpu is true, but 3 of the 4 nodes of type "compute" have no GPU`}},
		{"half of them", []string{`"x"` + no, `"x"` + yes}, map[string]string{
			"n0": `gpu.gpu is false, but 1 of the 2 nodes of type "x" has a GPU`,
			"n1": `gpu.gpu is true, but 1 of the 2 nodes of type "x" has no GPU`}},
		{"by the name", []string{`"compute_liqid"` + yes, `"gpu_p100"` + yes, `"gpu_v100"` + no}, map[string]string{
			"n0": `gpu.gpu is true, but the type name "compute_liqid" suggests no GPU`,
			"n2": `gpu.gpu is false, but the type name "gpu_v100" suggests a GPU`}},
		{"by the name and by the others",
			[]string{`"compute"` + yes, `"compute"` + yes, `"compute"` + no, `"gpu_p100"` + yes}, map[string]string{
				"n0": `gpu.gpu is true, but the type name "compute" suggests no GPU`,
				"n1": `gpu.gpu is true, but the type name "compute" suggests no GPU`,
				"n2": `gpu.gpu is false, but 2 of the 3 nodes of type "compute" have a GPU`}},
		// What says nothing about a GPU counts for neither side.
		{"not said", []string{`"x"` + yes, `"x" {}`, `"x" {"gpu": null}`, `"x" null`, `"x" true`,
			`"x" {"gpu": "no"}`, `"x" []`}, nil},
		{"type not said", []string{`""` + yes, `null` + no, `5` + no, `""` + no}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.want == nil {
				tt.want = map[string]string{}
			}
			if diff := cmp.Diff(tt.want, machines(t, tt.nodes...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Findings are sorted, the same each time, and those of one value are one.
func TestFindingsAreStable(t *testing.T) {
	t.Parallel()
	fs := base(t)
	p := paths["node"]

	for _, edit := range [][2]string{{`"mac": "24:6e:0a:1f:3c:00"`, `"mac": ""`}, {`"Ethernet"`, `""`},
		{`"smp_size": 2`, `"smp_size": "2"`}, {`"vendor": "Dell Inc.", `, ""}, {`"rack": "7"`, `"rack": null`}} {
		fs[p] = strings.Replace(fs[p], edit[0], edit[1], 1)
	}

	fs[paths["site"]] = strings.Replace(fs[paths["site"]], `"name": "Site@S",`, ``, 1)
	first := list(find(t, fs))
	if n := strings.Count(first, " warning "); n != 6 {
		t.Errorf("%d findings, want 6:\n%s", n, first)
	}

	for range 20 {
		if got := list(find(t, fs)); got != first {
			t.Fatalf("now it is\n%sand before\n%s", got, first)
		}
	}

	found := find(t, fs)
	sorted := slices.Clone(found)
	sorted.Sort()

	if diff := cmp.Diff(found, sorted); diff != "" {
		t.Errorf("not sorted:\n%s", diff)
	}
}

// FuzzGrid checks a node with any content: it never panics, and every place is
// in the file.
func FuzzGrid(f *testing.F) {
	good := base(f)
	f.Add(good[paths["node"]])

	for _, seed := range []string{
		`{"uid":"n"}`, `{"uid":"n","gpu":true,"node_type":"x"}`, `{"uid":"n","gpu":{"gpu":{"gpu":true}},"node_type":"gpu_x"}`,
		`{"uid":"n","main_memory":{"ram_size":1e999999999,"x":-1e-99999}}`, `{"uid":"n","network_adapters":[null,[],{"mac":" "},{"rate":0}]}`,
		`{"uid":"n","bios":{"release_date":"1/1/1"},"placement":{"rack":[[]]}}`, `{"uid":"n","a/b~":{"":[1E+9999]}}`,
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, node string) {
		fsys, g, ok := load(maps.Clone(good), node)
		if !ok {
			return
		}

		found, err := checker(t).Grid(fsys, g)
		if err != nil {
			t.Fatal(err)
		}

		for _, d := range found {
			if d.File != paths["node"] || d.Line < 1 || d.Line > strings.Count(node, "\n")+1 || d.Col < 1 ||
				d.Message == "" {
				t.Errorf("%s: %s", d.Place(), d.Message)
			}
		}
	})
}

// Texts that look the same on pages are the same to searches, or are found.
func TestSpellings(t *testing.T) {
	t.Parallel()
	fs := maps.Clone(base(t))
	good := fs[paths["node"]]
	delete(fs, paths["node"])

	for uid, kind := range map[string]string{"a": "small", "b": "small", "c": "small ", "d": "Small"} {
		node := strings.Replace(good, `"uid": "n"`, `"uid": "`+uid+`"`, 1)
		fs["g/sites/s/clusters/c/nodes/"+uid+".json"] = strings.Replace(node, `"compute_skylake"`, `"`+kind+`"`, 1)
	}

	got := map[string]string{}
	for _, d := range find(t, fs) {
		if d.Rule == "blanks" || d.Rule == "letter-case" {
			got[d.Resource[strings.LastIndex(d.Resource, "/")+1:]+" "+d.Pointer] = d.Message
		}
	}

	want := map[string]string{
		"c /node_type": `node_type is "small ", with a blank before or after it`,
		"d /node_type": `node_type is "Small", but 3 nodes have "small"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
