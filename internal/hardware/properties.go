package hardware

const (
	gib = 1 << 30
	gb  = 1_000_000_000
)

// Properties returns the table of properties, in the order of the columns of
// nodes.csv. Clients rely on the columns' names and positions, so new rows come
// last. A new property is a row here, its JSON Schema
// (internal/inventory/schema/node.json) and its line in docs/api.md.
func Properties() Table { return properties }

var properties = Table{
	{
		Name: "uid", About: "uid of the node",
		From: func(n *Node) Fact { return textFact(n.UID) },
		Sort: "uid", CSV: "uid", Words: true,
	},
	{
		Name: "node_name", About: "human-readable name",
		At:   []string{"/node_name"},
		Sort: "node_name", CSV: "node_name", Words: true,
	},
	{
		Name: "node_type", Title: "Type", About: "type of machine; nodes of one type have similar hardware",
		At:     []string{"/node_type"},
		Search: "node_type", Example: "compute_skylake",
		Sort: "node_type", CSV: "node_type", Facet: "node_type",
		Column: "type", List: 8, Words: true,
	},
	{
		Name: "site_id", Title: "Site", About: "uid of the site",
		From:   func(n *Node) Fact { return textFact(n.Site) },
		Search: "site_id", Example: "uc",
		Sort: "site_id", CSV: "site_id", Facet: "site_id",
		Column: "site", Open: true, List: 7, Words: true,
	},
	{
		Name: "cluster_id", Title: "Cluster", About: "uid of the cluster",
		From: func(n *Node) Fact { return textFact(n.Cluster) },
		Sort: "cluster_id", CSV: "cluster_id",
		Column: "cluster",
	},
	{
		Name: "arch", Title: "Architecture", About: "instruction set, as `uname -m` reports it",
		At:     []string{"/architecture/platform_type"},
		Search: "arch", Example: "x86_64",
		CSV: "arch", Facet: "arch",
		Column: "arch", Summary: true,
	},
	{
		Name: "processor_vendor", About: "vendor of the processors",
		At: []string{"/processor/*/vendor"}, Fold: Union,
		CSV: "processor_vendor",
	},
	{
		Name: "processor_model", Title: "Processor model", About: "model of the processors",
		At: []string{"/processor/*/model"}, Fold: Union,
		Search: "processor_model", Match: Contains, Example: "Gold 6126",
		CSV: "processor_model", Column: "cpu", Words: true,
	},
	{
		Name: "processor", Title: "Processor", About: "processors, with their number",
		From:   readProcessor,
		Column: "processor", List: 9, Summary: true,
	},
	{
		Name: "processors", Title: "Processors", About: "number of processors", Kind: KindCount,
		At: []string{"/architecture/smp_size", "/architecture/nb_procs"}, Fold: Max,
		CSV: "processors", Column: "processors",
		Range: "processors", RangeExample: "2..",
	},
	{
		// The CSV column keeps its original name, cores; the CSV column threads
		// belongs to the alias below.
		Name: "threads", Title: "Threads", About: "hardware threads of all processors", Kind: KindCount,
		At: []string{"/architecture/smt_size", "/architecture/nb_threads"}, Fold: Max,
		Min: "min_threads", Example: "64", Steps: []int64{8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512},
		Sort: "threads", CSV: "cores", Facet: "threads",
		Column: "threads", List: 2, Summary: true,
		Range: "threads", RangeExample: "64..128",
	},
	{
		Name: "clock", Title: "Clock", About: "clock speed of a processor, in hertz", Kind: KindHertz,
		At: []string{"/processor/*/clock_speed"}, Fold: Max,
		CSV: "clock_speed_hz", Column: "clock", Summary: true,
		Range: "clock_speed", RangeExample: "2.5GHz..",
	},
	{
		Name: "ram", Title: "Memory", About: "memory, in bytes", Kind: KindBinaryBytes,
		At: []string{"/main_memory/ram_size"}, Fold: Sum,
		Min: "min_ram", Signed: true, Example: "137438953472",
		Steps: []int64{
			32 * gib, 64 * gib, 128 * gib, 192 * gib, 256 * gib, 384 * gib, 512 * gib, 1024 * gib, 2048 * gib, 4096 * gib,
		},
		Sort: "ram", CSV: "ram_bytes", Facet: "ram",
		Column: "ram", List: 3, Summary: true,
		Range: "ram", RangeExample: "128GiB..",
	},
	{
		Name: "gpu", Title: "GPU", About: "whether there are GPUs", Kind: KindFlag,
		Note:   "If `gpu.gpu` is missing, a positive `gpu.gpu_count` counts as true. Of several GPUs, one is enough.",
		At:     []string{"/gpu/*/gpu"},
		Truth:  isTrue,
		From:   readHasGPU,
		Search: "gpu", Example: "true",
		CSV: "gpu", Facet: "gpu",
		Column: "has_gpu",
	},
	{
		Name: "gpus", Title: "GPUs", About: "number of GPUs", Kind: KindCount,
		Note: "A GPU without a count counts as one.",
		At:   []string{"/gpu/*/gpu_count"},
		From: readGPUs,
		Min:  "min_gpus", Example: "4", Steps: []int64{1, 2, 4, 8, 16},
		Sort: "gpus", CSV: "gpu_count", Facet: "gpus",
		Column: "gpus",
		Range:  "gpus", RangeExample: "2..4", Zero: true,
	},
	{
		Name: "gpu_vendor", Title: "GPU vendor", About: "vendor of the GPUs",
		At:   []string{"/gpu/*/gpu_vendor"},
		From: readOfGPUs(func(g gpu) string { return g.vendor }),
		CSV:  "gpu_vendor", Column: "gpu_vendor", Words: true,
	},
	{
		Name: "gpu_model", Title: "GPU model", About: "model of the GPUs",
		Within: "gpu",
		At:     []string{"/gpu/*/gpu_model"},
		From:   readOfGPUs(func(g gpu) string { return g.model }),
		Search: "gpu_model", Match: Contains, Example: "A100",
		CSV: "gpu_model", Facet: "gpu_model",
		Column: "gpu", Words: true,
	},
	{
		Name: "fpga_vendor", About: "vendor of the FPGA board",
		At: []string{"/fpga/*/board_vendor", "/other_devices/*[type=fpga]/vendor"}, Fold: Union,
		CSV: "fpga_vendor",
	},
	{
		Name: "fpga_model", Title: "FPGA", About: "model of the FPGA board",
		At: []string{"/fpga/*/board_model", "/other_devices/*[type=fpga]/model"}, Fold: Union,
		Search: "fpga_model", Match: Contains, Example: "Alveo",
		CSV: "fpga_model", Facet: "fpga_model",
		Column: "fpga_model",
	},
	{
		Name: "fpga", Title: "FPGA boards", About: "FPGA boards, with vendor and model",
		At: []string{"/fpga/*"}, Join: []string{"board_vendor", "board_model"}, Fold: Union,
		Column: "fpga", Words: true,
	},
	{
		Name: "accelerators", Title: "GPUs and FPGAs", About: "GPUs and FPGAs, with their number",
		From:   readAccelerators,
		Column: "accelerators", ListSort: "gpus", List: 1, Summary: true,
	},
	{
		Name: "infiniband", Title: "InfiniBand", About: "whether there is InfiniBand", Kind: KindFlag,
		At:     []string{"/infiniband", "/network_adapters/*[interface=InfiniBand]/interface"},
		Search: "infiniband", Example: "false",
		CSV: "infiniband", Facet: "infiniband",
		Column: "infiniband", Summary: true,
	},
	{
		Name: "storage_devices", Title: "Storage devices", About: "number of storage devices", Kind: KindCount,
		At: []string{"/storage_devices/*"}, Fold: Count,
		CSV: "storage_devices", Column: "storage_devices",
		Range: "storage_devices", RangeExample: "4..", Zero: true,
	},
	{
		Name: "storage", Title: "Storage", About: "bytes on all storage devices", Kind: KindBytes,
		Note: "With `storage_media`, only devices of that kind count.",
		At:   []string{"/storage_devices/*/size"}, Fold: Sum,
		Min: "min_storage", Example: "1000000000000",
		Steps: []int64{250 * gb, 500 * gb, 1000 * gb, 2000 * gb, 4000 * gb, 8000 * gb, 16000 * gb, 32000 * gb,
			64000 * gb},
		Sort: "storage", CSV: "storage_bytes",
		Column: "storage", List: 5, Summary: true,
		Range: "storage", RangeExample: "1TB..",
	},
	{
		Name: "storage_media", Title: "Storage media", About: "kinds of storage devices", Kind: KindSet,
		At: []string{"/storage_devices/*/media_type", "/storage_devices/*/storage"}, Fold: Union,
		Search: "storage_media", Match: AnyCase, Example: "SSD",
		CSV: "storage_media", Facet: "storage_media",
		Column: "media",
	},
	{
		Name: "network_adapters", Title: "Network adapters", About: "number of network adapters that are enabled", Kind: KindCount,
		At: []string{"/network_adapters/*[enabled=true]"}, Fold: Count,
		CSV: "network_adapters", Column: "network_adapters",
		Range: "network_adapters", RangeExample: "2..", Zero: true,
	},
	{
		Name: "network", Title: "Network", Kind: KindBitRate,
		About: "rate of the fastest network adapter, enabled or not, in bits per second",
		At:    []string{"/network_adapters/*/rate"}, Fold: Max,
		CSV: "network_rate_bps", Facet: "network_rate",
		Column: "network", List: 4, Summary: true,
		Range: "network_rate", RangeExample: "100Gbit/s..",
	},
	{
		Name: "chassis_vendor", About: "vendor of the chassis",
		At: []string{"/chassis/*/manufacturer"}, Fold: Union,
		CSV: "chassis_vendor",
	},
	{
		Name: "chassis_model", About: "model of the chassis",
		At: []string{"/chassis/*/name"}, Fold: Union,
		CSV: "chassis_model",
	},
	{
		Name: "chassis", Title: "Chassis", About: "chassis, with vendor and model",
		At: []string{"/chassis/*"}, Join: []string{"manufacturer", "name"}, Fold: Union,
		Column: "chassis", Summary: true, Words: true,
	},
	{
		Name: "rack", Title: "Rack", About: "rack",
		At:     []string{"/placement/rack"},
		Search: "rack", Example: "12",
		CSV: "rack", Facet: "rack",
		Column: "rack", Words: true,
	},
	{
		Name: "admin_note", Title: "Note", About: "what users should know",
		At:  []string{"/admin_note"},
		CSV: "admin_note", Column: "note", Words: true,
	},
	{
		Name: "leased_by", Title: "Leased",
		About: "how the node is leased: as a complete machine (`node`), or by flavor, " +
			"as a host of virtual machines (`flavor`)",
		From: func(n *Node) Fact { return textFact(LeasedBy(n.ByFlavor)) },
		Choices: []Choice{{LeasedByNode, "as a complete machine"},
			{LeasedByFlavor, "by flavor"}}, Default: LeasedByNode,
		Search: "leased_by", Example: "node",
		CSV: "leased_by", Facet: "leased_by",
		Column: "lease",
	},
	{
		Name: "cores", AliasOf: "threads", About: "hardware threads of all processors, under other names", Kind: KindCount,
		At: []string{"/architecture/smt_size", "/architecture/nb_threads"}, Fold: Max,
		Min: "min_cores", Example: "64",
		Sort: "cores", CSV: "threads", Facet: "cores",
	},
	{
		Name: "physical_cores", Title: "Cores", Kind: KindCount,
		About: "cores of all processors, each with one thread or more",
		At:    []string{"/architecture/nb_cores"}, Fold: Max,
		Min: "min_physical_cores", Example: "32", Steps: []int64{8, 16, 32, 64, 128, 256},
		Sort: "physical_cores", CSV: "physical_cores", Facet: "physical_cores",
		Column: "cores", Summary: true,
		Range: "physical_cores", RangeExample: "32..",
	}, {
		Name: "disks", Title: "Disk models", About: "storage devices, with vendor, model and kind",
		At: []string{"/storage_devices/*"}, Join: []string{"vendor", "model", "media_type", "interface"}, Fold: Union,
		Column: "disks", Words: true,
	},
	{
		Name: "adapters", Title: "Adapter models", About: "network adapters, with vendor and model",
		At: []string{"/network_adapters/*"}, Join: []string{"vendor", "model"}, Fold: Union,
		Column: "adapters", Words: true,
	},
	{
		Name: "speeds", About: "rates of the network adapters, as people write them: `100G`",
		From:   readSpeeds,
		Column: "speeds", Words: true,
	},
	{
		Name: "firmware", Title: "Firmware", About: "firmware of the machine, with vendor and version",
		At: []string{"/bios"}, Join: []string{"vendor", "version"},
		Column: "firmware", Words: true,
	},
	{
		Name: "gpu_family", Title: "GPU", About: "GPUs as people call them, with their vendor: `NVIDIA A100`",
		Within: "gpu",
		Note:   "The vendor may be left out.",
		From:   readOfGPUs(gpu.family),
		Search: "gpu_family", Match: LastWords, Example: "A100",
		CSV: "gpu_family", Facet: "gpu_family",
		Column: "gpu_family", Open: true, Words: true,
	},
	{
		Name: "gpu_name", Title: "GPU and memory",
		Within: "gpu",
		About:  "GPUs as people call them, with what their model says of memory and form: `NVIDIA A100 80GB PCIe`",
		Note:   "The vendor may be left out.",
		From:   readOfGPUs(gpu.name),
		Search: "gpu_name", Match: LastWords, Example: "A100 80GB PCIe",
		CSV: "gpu_name", Facet: "gpu_name",
		Column: "gpu_name", Words: true,
	},
	{
		Name: "gpu_memory", Title: "GPU memory", About: "memory of one GPU, in bytes; of several models the largest",
		Within: "gpu",
		Kind:   KindBinaryBytes,
		At:     []string{"/gpu/*/gpu_memory", "/gpu_devices/*/memory"},
		From:   readGPUMemory,
		Sort:   "gpu_memory", CSV: "gpu_memory_bytes", Facet: "gpu_memory",
		Column: "gpu_memory",
		Range:  "gpu_memory", RangeExample: "40GiB..",
	},
	{
		Name: "nvme", Title: "NVMe", About: "whether a storage device is attached by NVMe", Kind: KindFlag,
		From:   readNVMe,
		Search: "nvme", Example: "true",
		CSV: "nvme", Facet: "nvme",
		Column: "nvme",
	},
	{
		Name: "features", Title: "Features", Kind: KindSet,
		About: "what else a node's file says of it: `arm` (Arm processors), `nvlink`, `omnipath` (Omni-Path), " +
			"`pmem` (persistent memory), `rdma`, `sgx` (Intel SGX), `sriov` (SR-IOV), `wattmeter`",
		From: readFeatures, Choices: featureChoices(),
		Search: "features", Match: AnyCase, Example: "rdma",
		CSV: "features", Facet: "features",
		Column: "features", Open: true, List: 6, Words: true,
	},
	{
		Name: "site_name", About: "what people call the site",
		From:   func(n *Node) Fact { return textFact(n.SiteName) },
		Column: "site_name", Words: true,
	},
}
