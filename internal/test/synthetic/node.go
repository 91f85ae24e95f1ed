package synthetic

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// platform is a model of machine, with what all nodes of it have in common.
type platform struct {
	name    string // with the testbed's generation, the node type
	arch    string
	cpu     string
	vendor  string // of the processor
	chassis string
	threads int
	clock   int64 // Hz
	memory  int64 // GiB
	gpu     string
	gpus    int
	ib      bool
	disks   []disk
}

type disk struct {
	device, bus, media, model string
	size                      int64 // GB
}

// platforms returns all models.
func platforms() []platform {
	const (
		amd, intel  = "AMD", "Intel"
		x86, arm    = "x86_64", "aarch64"
		gold, epyc  = "Intel(R) Xeon(R) Gold 6126 CPU @ 2.60GHz", "AMD EPYC 7763 64-Core Processor"
		platinum    = "Intel(R) Xeon(R) Platinum 8380 CPU @ 2.30GHz"
		haswell     = "Intel(R) Xeon(R) CPU E5-2670 v3 @ 2.30GHz"
		thunder     = "ThunderX2 99xx"
		r740, r7525 = "PowerEdge R740", "PowerEdge R7525"
	)

	bootDisk := disk{"sda", "SATA", "SSD", "SSDSC2KB480G8R", 480}
	dataDisk := disk{"nvme0n1", "PCIe", "SSD", "Dell Ent NVMe P5500", 3200}
	moreDisk := disk{"nvme1n1", "PCIe", "SSD", "Dell Ent NVMe P5500", 3200}
	slowDisk := disk{"sdb", "SAS", "Rotational", "ST2000NX0463", 2000}
	slowDisks := disk{"sdc", "SAS", "Rotational", "ST2000NX0463", 2000}

	few, nvme := []disk{bootDisk}, []disk{bootDisk, dataDisk}
	most := []disk{bootDisk, dataDisk, moreDisk}
	slow := []disk{bootDisk, slowDisk, slowDisks}

	return []platform{
		{"compute_skylake", x86, gold, intel, r740, 48, 2600, 192, "", 0, false, few},
		{"compute_haswell", x86, haswell, intel, "PowerEdge R630", 48, 2300, 128, "", 0, false, few},
		{"compute_haswell_ib", x86, haswell, intel, "PowerEdge R630", 48, 2300, 128, "", 0, true, few},
		{"compute_icelake", x86, platinum, intel, "PowerEdge R650", 160, 2300, 256, "", 0, false, nvme},
		{"compute_zen3", x86, epyc, amd, r7525, 256, 2450, 256, "", 0, true, nvme},
		{"compute_arm64", arm, thunder, "Cavium", "ThunderX2", 256, 2200, 128, "", 0, false, few},
		{"storage", x86, gold, intel, "PowerEdge R740xd", 48, 2600, 192, "", 0, false, slow},
		{"storage_nvme", x86, platinum, intel, "PowerEdge R750", 160, 2300, 512, "", 0, true, most},
		{"gpu_a100_pcie", x86, platinum, intel, r740, 160, 2300, 512, "GA100 [A100 PCIe 80GB]", 4, true, most},
		{"gpu_v100", x86, gold, intel, "PowerEdge C4140", 48, 2600, 128, "GV100GL [Tesla V100 SXM2 32GB]", 4, true, few},
		{"gpu_rtx_6000", x86, gold, intel, r740, 48, 2600, 192, "TU102GL [Quadro RTX 6000/8000]", 1, false, few},
		{"gpu_mi100", x86, epyc, amd, r7525, 256, 2450, 512, "Arcturus GL-XL [Instinct MI100]", 2, true, nvme},
	}
}

// node is what may change of a node.
type node struct {
	uid      string
	cluster  *cluster
	slot     int // in the cluster
	platform *platform
	nodeType string

	firmware int // how often it was updated
	disks    int // how often a disk was replaced
	dimms    int64
	note     string
}

func (n *node) path() string { return n.cluster.dir() + "/nodes/" + n.uid + ".json" }

type object map[string]any

// body is the node's file, of about 2 kB.
func (n *node) body() []byte {
	p := n.platform
	memory := p.memory * n.dimms
	o := object{
		"uid":  n.uid,
		"type": "node",

		"architecture": object{"platform_type": p.arch, "smp_size": 2, "smt_size": p.threads},
		"bios": object{
			"vendor":       "Dell Inc.",
			"version":      fmt.Sprintf("2.%d.%d", 10+n.firmware, n.firmware%3),
			"release_date": fmt.Sprintf("20%02d-02-19", 18+n.firmware%6),
		},
		"chassis":          object{"manufacturer": "Dell Inc.", "name": p.chassis, "serial": "SN" + n.uid[:6]},
		"gpu":              object{"gpu": false},
		"infiniband":       p.ib,
		"main_memory":      object{"humanized_ram_size": fmt.Sprintf("%d GiB", memory), "ram_size": memory << 30},
		"monitoring":       object{"wattmeter": n.slot%8 == 0},
		"node_name":        fmt.Sprintf("%s-%d", n.cluster.name, n.slot),
		"node_type":        n.nodeType,
		"placement":        object{"rack": fmt.Sprint(n.slot/24 + 1), "node": fmt.Sprint(n.slot%24 + 1)},
		"network_adapters": n.adapters(),
		"processor": object{
			"cache_l1d": 32768, "cache_l1i": 32768, "cache_l2": 1048576, "cache_l3": 20185088,
			"clock_speed": p.clock * 1e6, "instruction_set": p.arch, "model": p.cpu, "vendor": p.vendor,
		},
		"storage_devices":     n.storage(),
		"supported_job_types": object{"besteffort": false, "deploy": true, "virtual": "ivt"},
	}

	if p.gpu != "" {
		vendor := "NVIDIA"
		if p.vendor == "AMD" {
			vendor = "AMD"
		}
		o["gpu"] = object{"gpu": true, "gpu_count": p.gpus, "gpu_model": p.gpu, "gpu_vendor": vendor}
	}
	if n.note != "" {
		o["admin_note"] = n.note
	}

	return o.encode()
}

func (n *node) adapters() (all []object) {
	for i := range 2 {
		all = append(all, object{
			"device": fmt.Sprintf("eno%d", i+1), "driver": "i40e", "enabled": i == 0, "interface": "Ethernet",
			"mac":   fmt.Sprintf("24:6e:%s:%s:%s:%02x", n.uid[0:2], n.uid[2:4], n.uid[4:6], i),
			"model": "Ethernet Controller X710 for 10GbE SFP+", "rate": int64(10e9), "vendor": "Intel",
		})
	}
	if n.platform.ib {
		all = append(all, object{
			"device": "ib0", "driver": "mlx5_core", "enabled": true, "interface": "InfiniBand",
			"mac":   fmt.Sprintf("0c:42:%s:%s:%s:63", n.uid[0:2], n.uid[2:4], n.uid[4:6]),
			"model": "MT28908 Family [ConnectX-6]", "rate": int64(100e9), "vendor": "Mellanox",
		})
	}
	return all
}

func (n *node) storage() (all []object) {
	for i, d := range n.platform.disks {
		all = append(all, object{
			"device": d.device, "interface": d.bus, "media_type": d.media, "model": d.model, "rev": "XCV1DL69",
			"humanized_size": fmt.Sprintf("%d GB", d.size), "size": d.size * 1e9,
			"serial": fmt.Sprintf("PHY%s%d%02d", n.uid[:6], i, n.disks),
		})
	}
	return all
}

// encode writes a file as those of the sample are: two spaces, members by name.
func (o object) encode() []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(o); err != nil {
		panic(err) // strings and numbers alone
	}
	return out.Bytes()
}
