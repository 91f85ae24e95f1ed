package hardware_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/hardware"
)

// Features are what files say, and nothing else.
func TestFeatures(t *testing.T) {
	t.Parallel()
	table := hardware.Properties()
	row := table.Index("features")
	for file, want := range map[string]string{
		`{}`: "",
		`{"admin_note":"This node has Intel SGX-capable hardware."}`:                                    "sgx",
		`{"admin_note":"Sold without SGX"}`:                                                             "",
		`{"node_type":"compute_nvdimm"}`:                                                                "pmem",
		`{"main_memory":{"pmem_size":1649267441664}}`:                                                   "pmem",
		`{"memory_devices":[{"technology":"dram"}]}`:                                                    "",
		`{"memory_devices":[{"technology":"dram"},{"technology":"pmem"}]}`:                              "pmem",
		`{"infiniband":true}`:                                                                           "rdma",
		`{"infiniband":false,"network_adapters":[{"model":"BCM57414 10Gb/25Gb RDMA Controller"}]}`:      "rdma",
		`{"network_adapters":[{"interface":"Omni-Path"}]}`:                                              "omnipath rdma",
		`{"network_adapters":[{"interface":"Ethernet","sriov":true}]}`:                                  "sriov",
		`{"gpu":{"gpu":true,"gpu_model":"GV100GL [Tesla V100 SXM2 32GB]"}}`:                             "nvlink",
		`{"gpu":{"gpu":true,"gpu_model":"GV100GL [Tesla V100 PCIe 32GB]"},"node_type":"gpu_v100_pcie"}`: "",
		`{"gpu":{"gpu":true,"gpu_model":"P100"},"node_type":"gpu_p100_nvlink"}`:                         "nvlink",
		`{"architecture":{"platform_type":"aarch64"},"monitoring":{"wattmeter":true}}`:                  "arm wattmeter",
	} {
		n := read(t, file)
		if got := strings.Join(n.Facts[row].Texts, " "); got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}

	if got := table[row].Display(read(t, `{"node_type":"nvdimm","infiniband":1}`).Facts[row]); got != "persistent memory, RDMA" {
		t.Errorf("on pages they are %q", got)
	}
}

// A flag is yes, no, or not stated; a search for false finds both of the latter.
func TestUnstated(t *testing.T) {
	t.Parallel()
	table := hardware.Properties()
	for _, tt := range []struct{ row, file, want string }{
		{"infiniband", `{}`, "false unstated"},
		{"infiniband", `{"infiniband":null}`, "false unstated"},
		{"infiniband", `{"infiniband":false}`, "false stated_false"},
		{"infiniband", `{"infiniband":true}`, "true"},
		{"infiniband", `{"network_adapters":[{"interface":"InfiniBand"}]}`, "true"},
		{"gpu", `{}`, "false unstated"},
		{"gpu", `{"gpu":{"gpu":false}}`, "false stated_false"},
		{"gpu", `{"gpu":{"gpu_count":1}}`, "true"},
		{"nvme", `{}`, "false unstated"},
		{"nvme", `{"storage_devices":[{"device":"sda","interface":"SATA"}]}`, "false stated_false"},
		{"nvme", `{"storage_devices":[{"interface":"SATA"},{"device":"/dev/nvme0n1"}]}`, "true"},
		{"nvme", `{"storage_devices":[{"interface":"NVME"}]}`, "true"},
		{"gpu_family", `{}`, "unstated"},
		{"gpu_family", `{"gpu":{"gpu":false}}`, ""},
		{"gpu_family", `{"gpu":{"gpu":true,"gpu_model":"NVIDIA Corporation","gpu_vendor":"NVIDIA"}}`, "unstated"},
		{"rack", `{}`, "unstated"},
		{"rack", `{"placement":{"rack":1}}`, ""},
		{"features", `{}`, "unstated"},
	} {
		n := read(t, tt.file)
		row := table.Index(tt.row)
		got := slices.DeleteFunc([]string{"true", "false", hardware.IsStatedFalse, hardware.IsUnstated},
			func(want string) bool { return !table[row].Matches(n.Facts[row], want) })
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s of %s is found as %q, want %q", tt.row, tt.file, got, tt.want)
		}
		if table[row].IsStated(n.Facts[row]) == slices.Contains(got, hardware.IsUnstated) {
			t.Errorf("%s of %s is stated and not", tt.row, tt.file)
		}
	}
}
