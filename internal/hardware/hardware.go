// Package hardware owns what a node's file says of its machine, as people ask
// for it: so many threads, so much memory, these GPUs. Files may say anything:
// what is not of the expected kind counts as not said.
package hardware

import (
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Machine is a node's hardware. Numbers that the file does not have are 0,
// texts are "".
type Machine struct {
	Name       string // node_name
	Type       string // node_type
	Arch       string // architecture.platform_type
	CPU        string // processor.model, else what else describes it
	Sockets    int64  // architecture.smp_size
	Threads    int64  // architecture.smt_size
	Clock      int64  // processor.clock_speed, Hz
	RAM        int64  // main_memory.ram_size, bytes
	GPUs       int64  // gpu.gpu_count; 1 where there is a GPU and no count
	GPU        string // gpu.gpu_model
	FPGA       string // fpga.board_vendor and board_model
	Storage    int64  // of all storage devices, bytes
	Disks      int    // storage devices
	Network    int64  // the fastest adapter's rate, bit/s
	InfiniBand bool   // infiniband, by truthiness
	Chassis    string // chassis.manufacturer and name
	Rack       string // placement.rack
	Note       string // admin_note
	ByFlavor   bool   // lease_mode and node_mode: a host of virtual machines, see [ByFlavor]

	CPUVendor                   string // processor.vendor
	HasGPU                      bool   // gpu.gpu, and that is true
	GPUVendor                   string // gpu.gpu_vendor
	FPGAVendor, FPGAModel       string // fpga.board_vendor, fpga.board_model
	ChassisVendor, ChassisModel string // chassis.manufacturer, chassis.name
	Adapters                    int    // network adapters that are enabled
}

// Node is a node with where it is and what it has.
type Node struct {
	Site, Cluster, UID string

	File   rawjson.Object
	Values Value // of File, whose members it has in the same order

	Machine
	Media Media
}

// ReadNode reads a node's file.
func ReadNode(site, cluster, uid string, file rawjson.Object) Node {
	m, values := Read(file)

	return Node{
		Site:    site,
		Cluster: cluster,
		UID:     uid,
		File:    file,
		Values:  values,
		Machine: m,
		Media:   ReadMedia(values),
	}
}

// Read reads a node's file. The values are its members in its order.
func Read(file rawjson.Object) (Machine, Value) {
	v := Value{Kind: Object, Members: make([]Member, 0, len(file.Members))}
	for _, m := range file.Members {
		v.Members = append(v.Members, Member{m.Name, Parse(m.Value)})
	}
	m := Machine{
		Name:       v.Get("node_name").String(),
		Type:       v.Get("node_type").String(),
		Arch:       v.Get("architecture", "platform_type").String(),
		CPU:        v.Get("processor", "model").String(),
		Sockets:    v.Get("architecture", "smp_size").Int(),
		Threads:    v.Get("architecture", "smt_size").Int(),
		Clock:      v.Get("processor", "clock_speed").Int(),
		RAM:        v.Get("main_memory", "ram_size").Int(),
		FPGA:       join(v.Get("fpga", "board_vendor").String(), v.Get("fpga", "board_model").String()),
		InfiniBand: v.Get("infiniband").True(),
		Chassis:    join(v.Get("chassis", "manufacturer").String(), v.Get("chassis", "name").String()),
		Rack:       v.Get("placement", "rack").String(),
		Note:       v.Get("admin_note").String(),
		ByFlavor:   ByFlavor(v.Get("lease_mode").String(), v.Get("node_mode").String()),

		CPUVendor:     v.Get("processor", "vendor").String(),
		HasGPU:        v.Get("gpu", "gpu").Kind == Plain && v.Get("gpu", "gpu").Text == "true",
		GPUVendor:     v.Get("gpu", "gpu_vendor").String(),
		FPGAVendor:    v.Get("fpga", "board_vendor").String(),
		FPGAModel:     v.Get("fpga", "board_model").String(),
		ChassisVendor: v.Get("chassis", "manufacturer").String(),
		ChassisModel:  v.Get("chassis", "name").String(),
	}
	gpu := v.Get("gpu")
	if m.GPUs = gpu.Get("gpu_count").Int(); m.GPUs == 0 && gpu.Get("gpu").True() {
		m.GPUs = 1
	}
	if m.GPUs > 0 {
		m.GPU = gpu.Get("gpu_model").String()
	}
	for _, d := range v.Get("storage_devices").Elements {
		m.Disks++
		if size := d.Get("size").Int(); size <= 1<<62-m.Storage {
			m.Storage += size
		}
	}
	for _, a := range v.Get("network_adapters").Elements {
		m.Network = max(m.Network, a.Get("rate").Int())
		if a.Get("enabled").String() == "true" {
			m.Adapters++
		}
	}
	return m, v
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

// Kind is the hardware without what is of one node alone. Nodes with equal kinds
// have the same hardware.
func (m Machine) Kind() Machine {
	m.Name, m.Type, m.Rack, m.Note = "", "", "", ""
	m.ByFlavor = false
	return m
}

// ByFlavor reports whether a machine with this lease_mode and node_mode is a
// host of virtual machines, which are leased by flavor: nobody can lease it as a
// complete machine.
func ByFlavor(leaseMode, nodeMode string) bool {
	return strings.EqualFold(leaseMode, "flavor") || strings.EqualFold(nodeMode, "vm_only")
}

// What a node is leased by.
const (
	LeasedByNode   = "node"
	LeasedByFlavor = "flavor"
)

// LeasedBy is the word of the API for that.
func LeasedBy(byFlavor bool) string {
	if byFlavor {
		return LeasedByFlavor
	}
	return LeasedByNode
}
