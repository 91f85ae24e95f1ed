package hardware_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

func read(t *testing.T, text string) *hardware.Node {
	t.Helper()
	file, err := rawjson.Parse([]byte(text), rawjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	n := hardware.ReadNode(hardware.Place{Site: "s", Cluster: "c", UID: "n"}, file)
	if got, want := len(n.Values().Members), len(slices.Collect(file.Members())); got != want {
		t.Errorf("%d members were read of %d", got, want)
	}

	return &n
}

// facts are the values of a table that say something, but for where a node is.
func facts(table hardware.Table, n *hardware.Node) map[string]string {
	said := map[string]string{}
	for i, f := range table.Read(n) {
		p := &table[i]
		if text := p.String(f); text != "" && text != "0" && text != "false" && p.AliasOf == "" {
			said[p.Name] = text
		}
	}

	for _, name := range []string{"uid", "site_id", "cluster_id", "leased_by"} {
		delete(said, name)
	}

	return said
}

func diff(t *testing.T, of string, got, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s: %s is %q, want %q", of, name, got[name], text)
		}
	}

	for name, text := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s is %q, want nothing", of, name, text)
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	n := read(t, `{"node_name":"n1","node_type":"gpu ","architecture":{"platform_type":"x86_64","smp_size":2,"smt_size":48},
		"gpu":{"gpu":true,"gpu_model":"A100"},"main_memory":{"ram_size":2.74877906944e11},"infiniband":1,
		"storage_devices":[{"size":480000000000,"media_type":"SSD"},{"size":"x","media_type":" ssd"},null],
		"network_adapters":[{"rate":1000},{"rate":25000000000,"enabled":true}],"chassis":{"manufacturer":"Dell","name":"R740"},
		"placement":{"rack":12},"processor":{"model":" Xeon ","clock_speed":2600000000}}`)
	diff(t, "a node", facts(hardware.Properties(), n), map[string]string{
		"node_name": "n1", "node_type": "gpu", "arch": "x86_64", "processor_model": "Xeon", "processor": "2 × Xeon",
		"processors": "2", "threads": "48", "clock": "2600000000", "ram": "274877906944",
		"gpu": "true", "gpus": "1", "gpu_model": "A100", "accelerators": "1 × A100", "infiniband": "true",
		"storage_devices": "2", "storage": "480000000000", "storage_media": "SSD",
		"network_adapters": "1", "network": "25000000000",
		"chassis_vendor": "Dell", "chassis_model": "R740", "chassis": "Dell R740", "rack": "12",
		"disks": "SSD", "speeds": "1k; 25G", "gpu_family": "A100", "gpu_name": "A100", "features": "rdma",
	})
}

// Whatever a file says, it reads as something.
func TestReadAnomalies(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`,
		`{"architecture":[],"gpu":"yes","main_memory":null,"storage_devices":"a","network_adapters":3}`,
		`{"main_memory":{"ram_size":-5},"gpu":{"gpu":false,"gpu_count":null},"node_name":{}}`,
		`{"main_memory":{"ram_size":1e300},"gpu":[],"processor":{},"storage_devices":[null,{}]}`,
	} {
		diff(t, text, facts(hardware.Properties(), read(t, text)), nil)
	}

	n := read(t, `{"storage_devices":[{"size":9223372036854775807},{"size":9223372036854775807}]}`)
	if got := facts(hardware.Properties(), n)["storage"]; strings.HasPrefix(got, "-") {
		t.Errorf("much storage is %s bytes", got)
	}
}

// Devices are a list, an object by their names, or the one that there is.
func TestDevices(t *testing.T) {
	t.Parallel()
	for _, devices := range []string{
		`[{"size":5,"media_type":"SSD"},null,{"size":6,"media_type":"HDD"}]`,
		`{"sda":{"size":5,"media_type":"SSD"},"sdb":{"size":6,"media_type":"HDD"}}`,
	} {
		got := facts(hardware.Properties(), read(t, `{"storage_devices":`+devices+`}`))
		diff(t, devices, got, map[string]string{"storage_devices": "2", "storage": "11", "storage_media": "SSD HDD", "disks": "SSD; HDD"})
	}

	got := facts(hardware.Properties(),
		read(t, `{"storage_devices":{"size":5},"processor":[{"model":"P","vendor":"V"},{"model":"p"}],"main_memory":[{"ram_size":1},{"ram_size":2}]}`))
	diff(t, "one disk", got, map[string]string{
		"storage_devices": "1", "storage": "5", "processor": "P", "processor_model": "P", "processor_vendor": "V", "ram": "3",
	})
}

// A summary of processors has their names without what other columns have.
func TestProcessorNames(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]string{
		"Intel(R) Xeon(R) Gold 6126 CPU @ 2.60GHz":        "Xeon Gold 6126",
		"Intel(R) Xeon(R) CPU E5-2670 v3 @ 2.30GHz":       "Xeon E5-2670 v3",
		"Intel(R) Xeon(R) CPU           X5670  @ 2.93GHz": "Xeon X5670",
		"AMD EPYC 7763 64-Core Processor":                 "AMD EPYC 7763",
		"AMD Opteron(tm) Processor 250":                   "AMD Opteron 250",
		"Cavium ThunderX2(R) CPU CN9980 v2.2 @ 2.20GHz":   "Cavium ThunderX2 CN9980 v2.2",
		"Grace A02": "Grace A02",
		"Processor": "Processor",
		"CPU":       "CPU",
	} {
		got := facts(hardware.Properties(), read(t, fmt.Sprintf(`{"processor":{"model":%q}}`, model)))
		if got["processor"] != want || got["processor_model"] != model {
			t.Errorf("%q is %q, want %q; its model is %q", model, got["processor"], want, got["processor_model"])
		}
	}
}

// GPUs are read in one way, whatever asks for them.
func TestGPUs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		gpu  string
		want map[string]string
	}{
		{gpu: `{"gpu":true,"gpu_count":0}`,
			want: map[string]string{"gpu": "true", "gpus": "1", "accelerators": "1 GPU"}},
		{gpu: `{"gpu_count":2,"gpu_model":"A"}`,
			want: map[string]string{"gpu": "true", "gpus": "2", "gpu_model": "A", "accelerators": "2 × A", "gpu_family": "A", "gpu_name": "A"}},
		{gpu: `{"gpu":false,"gpu_count":2,"gpu_model":"A"}`},
		{gpu: `{"gpu":"false","gpu_model":"A"}`},
		{gpu: `{"gpu":"true","gpu_count":2}`}, // of the wrong type
		{gpu: `{"gpu":1,"gpu_count":2}`},
		{
			gpu: `[{"gpu":true,"gpu_model":"A","gpu_vendor":"V"},{"gpu":true,"gpu_count":2,"gpu_model":"B","gpu_vendor":"v"},{"gpu":false}]`,
			want: map[string]string{
				"gpu": "true", "gpus": "3", "gpu_model": "A; B", "gpu_vendor": "V", "accelerators": "1 × V A + 2 × v B",
				"gpu_family": "V A; v B", "gpu_name": "V A; v B",
			},
		},
		{gpu: `{"0":{"gpu":true},"1":{"gpu":true}}`,
			want: map[string]string{"gpu": "true", "gpus": "2", "accelerators": "2 GPUs"}},
	} {
		diff(t, tt.gpu, facts(hardware.Properties(), read(t, `{"gpu":`+tt.gpu+`}`)), tt.want)
	}
}

// Names are unique, and an alias reads what its property reads.
func TestTable(t *testing.T) {
	t.Parallel()
	table := hardware.Properties()
	seen := map[string]bool{}

	for i := range table {
		p := &table[i]
		for use, name := range map[string]string{
			"name": p.Name, "parameter ": p.Search, "parameter": p.Min, "sort": p.Sort, "csv": p.CSV, "facet": p.Facet, "column": p.Column,
		} {
			key := strings.TrimSpace(use) + " " + name
			if name != "" && seen[key] {
				t.Errorf("the %s is there twice", key)
			}
			seen[key] = true
		}

		if p.From == nil && len(p.At) == 0 || p.About == "" {
			t.Errorf("%s is found nowhere, or is not described", p.Name)
		}
		if (p.Column != "" && (p.Search != "" || p.Min != "") || p.List > 0 || p.Summary) && p.Title == "" {
			t.Errorf("%s has no title", p.Name)
		}

		if p.AliasOf != "" {
			of := table[table.Index(p.AliasOf)]
			if !slices.Equal(of.At, p.At) || of.Kind != p.Kind || of.Fold != p.Fold {
				t.Errorf("%s is not read as %s is", p.Name, p.AliasOf)
			}
		}
	}
}

// The same rows describe another testbed's files.
func TestOtherTable(t *testing.T) {
	t.Parallel()
	table := hardware.Table{
		{Name: "arch", At: []string{"/architecture/platform_type"}},
		{Name: "physical_cores", Kind: hardware.KindCount, At: []string{"/architecture/nb_cores"}},
		{Name: "threads", Kind: hardware.KindCount,
			At: []string{"/architecture/nb_threads", "/architecture/nb_cores"}},
		{Name: "ram", Kind: hardware.KindBinaryBytes,
			At: []string{"/memory_devices/*[technology=dram]/size", "/main_memory/ram_size"}, Fold: hardware.Sum},
		{Name: "gpus", Kind: hardware.KindCount, At: []string{"/gpu_devices/*"}, Fold: hardware.Count},
		{Name: "gpu_model", At: []string{"/gpu_devices/*/model"}, Fold: hardware.Union},
		{Name: "gpu_memory", Kind: hardware.KindBinaryBytes, At: []string{"/gpu_devices/*/memory"},
			Fold: hardware.Max},
		{Name: "infiniband", Kind: hardware.KindFlag,
			At: []string{"/network_adapters/*[interface=InfiniBand]/device"}, Truth: hardware.Value.True},
		{Name: "infiniband_rate", Kind: hardware.KindBitRate,
			At: []string{"/network_adapters/*[interface=infiniband]/rate"}, Fold: hardware.Max},
		{Name: "disks", Kind: hardware.KindCount, At: []string{"/storage_devices/*[storage=SSD]"},
			Fold: hardware.Count},
		{Name: "storage", Kind: hardware.KindBytes, At: []string{"/storage_devices/*/size"}, Fold: hardware.Sum},
		{Name: "storage_media", Kind: hardware.KindSet,
			At: []string{"/storage_devices/*/storage", "/storage_devices/*/media_type"}, Fold: hardware.Union},
	}

	src, err := os.ReadFile("testdata/gemini-1.json")
	if err != nil {
		t.Fatal(err)
	}

	diff(t, "gemini-1", facts(table, read(t, string(src))), map[string]string{
		"arch": "x86_64", "physical_cores": "40", "threads": "80", "ram": "549755813888",
		"gpus": "8", "gpu_model": "Tesla V100-SXM2-32GB", "gpu_memory": "34359738368",
		"infiniband": "true", "infiniband_rate": "10000000000",
		"disks": "5", "storage": "8161637621760", "storage_media": "SSD",
	})
}

// Nodes have the same hardware where their files say the same of all devices.
func TestSameHardware(t *testing.T) {
	t.Parallel()
	const file = `{"uid":"a","node_name":"n1","node_type":"x","placement":{"rack":1},"bios":{"version":"1"},"gpu":{"gpu":false},
		"architecture":{"smt_size":48},"processor":{"model":"P","cache_l3":33554432},"main_memory":{"ram_size":1000,"humanized_ram_size":"1 kB"},
		"storage_devices":[{"device":"sda","model":"M1","serial":"1","size":5},{"device":"sdb","model":"M2","size":6}],
		"network_adapters":[{"device":"eth0","name":"e0","mac":"00","rate":1000,"model":"N"}],"chassis":{"manufacturer":"C","name":"R","serial":"7"}}`

	same := func(text string) bool {
		a, _ := read(t, file).Hardware()
		b, _ := read(t, text).Hardware()
		return a == b
	}
	for _, tt := range []struct {
		old, new string
		same     bool
	}{
		{old: `"n1"`, new: `"n2"`, same: true},
		{old: `"rack":1`, new: `"rack":2`, same: true},
		{old: `"version":"1"`, new: `"version":"2"`, same: true},
		{old: `"serial":"1"`, new: `"serial":"2"`, same: true},
		{old: `"mac":"00"`, new: `"mac":"01"`, same: true},
		{old: `"name":"e0"`, new: `"name":"e1"`, same: true},
		{old: `"serial":"7"`, new: `"serial":"8"`, same: true},
		{old: `"gpu":{"gpu":false},`, new: ``, same: true},
		{old: `"ram_size":1000`, new: `"ram_size":1e3`, same: true},
		{old: `"M1"`, new: `"m1 "`, same: true},
		{
			old: `{"device":"sda","model":"M1","serial":"1","size":5},{"device":"sdb","model":"M2","size":6}`,
			new: `{"device":"sda","model":"M2","size":6},{"device":"sdb","model":"M1","size":5}`, same: true,
		},
		{old: `[{"device":"eth0","name":"e0","mac":"00","rate":1000,"model":"N"}]`,
			new: `{"eth0":{"model":"N","rate":1000}}`, same: true},
		{old: `"M1"`, new: `"M3"`},
		{old: `"N"`, new: `"O"`},
		{old: `33554432`, new: `16777216`},
		{old: `"gpu":false`, new: `"gpu":true`},
		{old: `"name":"R"`, new: `"name":"S"`},
		{old: `"size":6}`, new: `"size":7}`},
	} {
		if got := same(strings.Replace(file, tt.old, tt.new, 1)); got != tt.same {
			t.Errorf("%s instead of %s: the same hardware: %v", tt.new, tt.old, got)
		}
	}

	_, a := read(t, file).Hardware()
	_, b := read(t, strings.Replace(file, `"M1"`, `"M3"`, 1)).Hardware()
	for i := range a {
		if differs := a[i].Digest != b[i].Digest; differs != (a[i].Member == "storage_devices") {
			t.Errorf("%s differs: %v", a[i].Member, differs)
		}
	}
}

// Texts that a search does not tell apart are counted as one.
func TestCount(t *testing.T) {
	t.Parallel()
	var nodes []hardware.Node
	for _, media := range []string{"ssd", "SSD", "SSD ", "HDD"} {
		nodes = append(nodes, *read(t, `{"node_type":"`+media+`","storage_devices":[{"media_type":"`+media+`"}]}`))
	}

	table := hardware.Properties()
	for name, want := range map[string][]hardware.ValueCount{
		"storage_media": {{"HDD", 1}, {"SSD", 3}},
		"node_type":     {{"HDD", 1}, {"SSD", 2}, {"ssd", 1}},
		"infiniband":    {{"false", 4}},
		"gpus":          {},
	} {
		i := table.Index(name)
		got := table.Count(i, nodes)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}

		for _, v := range got {
			found := 0
			for _, n := range nodes {
				if table[i].Matches(n.Facts[i], v.Value) {
					found++
				}
			}

			if table[i].Search != "" && table[i].Kind != hardware.KindFlag && found != v.Nodes {
				t.Errorf("%s %s: a search finds %d, the facet says %d", name, v.Value, found, v.Nodes)
			}
		}
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ got, want string }{
		{hardware.KindBinaryBytes.Unit(206158430208), "192\u00a0GiB"},
		{hardware.KindBinaryBytes.Unit(0), ""},
		{hardware.KindBinaryBytes.Unit(32768), "32\u00a0KiB"},
		{hardware.KindBytes.Unit(480000000000), "480\u00a0GB"},
		{hardware.KindBytes.Unit(1920383410176), "1.92\u00a0TB"},
		{hardware.KindBytes.Unit(2000398934016), "2\u00a0TB"},
		{hardware.KindBitRate.Unit(25000000000), "25\u00a0Gbit/s"},
		{hardware.KindHertz.Unit(2450000000), "2.45\u00a0GHz"},
		{hardware.KindBytes.Unit(1<<63 - 1), "9.22\u00a0EB"},
		{hardware.KindBytes.Unit(7), "7\u00a0B"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// The properties are in docs/api.md, as in the table.
func TestPropertiesAreDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}

	code := func(names ...string) string {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
		if len(names) == 0 {
			return ""
		}
		return "`" + strings.Join(names, "`, `") + "`"
	}

	var want strings.Builder
	want.WriteString("| column | filter | sort | facet | what |\n|---|---|---|---|---|\n")

	for _, p := range hardware.Properties() {
		if p.CSV != "" {
			cells := []string{code(p.CSV), code(p.Search, p.Min, p.Range), code(p.Sort), code(p.Facet), p.About}
			want.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		}
	}

	if !strings.Contains(string(doc), want.String()) {
		t.Errorf("docs/api.md has not this table:\n%s", want.String())
	}
}
