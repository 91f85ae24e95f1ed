// Package machine owns what a node's file says of its hardware, as values that
// can be compared, counted and put into a table. The text of the file is never
// changed by it.
package machine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Node is a node's hardware. What the file lacks, or has in another type, is ""
// or 0.
type Node struct {
	Name       string // node_name
	Type       string // node_type
	Note       string // admin_note
	Arch       string // architecture.platform_type
	Processors int64  // architecture.smp_size
	Cores      int64  // architecture.smt_size: hardware threads of all processors
	RAM        int64  // main_memory.ram_size, bytes

	ProcessorModel, ProcessorVendor string
	ClockSpeed                      int64 // processor.clock_speed, hertz

	GPU                   bool  // gpu.gpu
	GPUs                  int64 // gpu.gpu_count; 1 where there is a GPU and no count
	GPUModel, GPUVendor   string
	FPGAModel, FPGAVendor string // fpga.board_model, fpga.board_vendor
	Infiniband            bool   // by JSON's truthiness

	Chassis, ChassisVendor string // chassis.name, chassis.manufacturer
	Rack                   string // placement.rack
	Storage                []Media
	Devices                int   // storage devices
	Adapters               int   // network adapters that are enabled
	Rate                   int64 // of the fastest of them, bits a second
}

// Media is the storage of one kind.
type Media struct {
	Kind  string // media_type
	Bytes int64
}

// Read reads a node's file.
func Read(file rawjson.Object) Node {
	text := func(of rawjson.Object, name string) string {
		s, _ := of.String(name)
		return s
	}
	architecture, gpu := member(file, "architecture"), member(file, "gpu")
	processor, chassis, fpga := member(file, "processor"), member(file, "chassis"), member(file, "fpga")
	n := Node{
		Name: text(file, "node_name"), Type: text(file, "node_type"), Note: text(file, "admin_note"),
		Arch: text(architecture, "platform_type"), Processors: Integer(architecture.Get("smp_size")), Cores: Integer(architecture.Get("smt_size")),
		RAM:            Integer(member(file, "main_memory").Get("ram_size")),
		ProcessorModel: text(processor, "model"), ProcessorVendor: text(processor, "vendor"), ClockSpeed: Integer(processor.Get("clock_speed")),
		GPU: string(gpu.Get("gpu")) == "true", GPUs: Integer(gpu.Get("gpu_count")), GPUModel: text(gpu, "gpu_model"), GPUVendor: text(gpu, "gpu_vendor"),
		FPGAModel: text(fpga, "board_model"), FPGAVendor: text(fpga, "board_vendor"),
		Infiniband: truthy(file.Get("infiniband")),
		Chassis:    text(chassis, "name"), ChassisVendor: text(chassis, "manufacturer"),
		Rack: Plain(member(file, "placement").Get("rack")),
	}
	if n.GPU && n.GPUs == 0 {
		n.GPUs = 1
	}
	n.readStorage(file.Get("storage_devices"))
	n.readAdapters(file.Get("network_adapters"))
	return n
}

// readStorage sums the devices by kind.
func (n *Node) readStorage(devices []byte) {
	for _, d := range objects(devices) {
		n.Devices++
		kind, _ := d.String("media_type")
		i := slices.IndexFunc(n.Storage, func(m Media) bool { return strings.EqualFold(m.Kind, kind) })
		if i < 0 {
			i = len(n.Storage)
			n.Storage = append(n.Storage, Media{Kind: kind})
		}
		n.Storage[i].Bytes += max(Integer(d.Get("size")), 0)
	}
}

// readAdapters counts the adapters that are enabled.
func (n *Node) readAdapters(adapters []byte) {
	for _, a := range objects(adapters) {
		if Plain(a.Get("enabled")) == "true" {
			n.Adapters++
			n.Rate = max(n.Rate, Integer(a.Get("rate")))
		}
	}
}

// Stores returns the bytes of storage of a kind, in any case; of all kinds for
// "".
func (n *Node) Stores(kind string) (bytes int64, found bool) {
	for _, m := range n.Storage {
		if kind == "" || strings.EqualFold(m.Kind, kind) {
			bytes += m.Bytes
			found = true
		}
	}
	return bytes, found
}

// objects are the objects among an array's elements.
func objects(array []byte) (all []rawjson.Object) {
	elements, _ := rawjson.Elements(array)
	for _, e := range elements {
		if o, err := rawjson.Parse(e, rawjson.Limits{}); err == nil {
			all = append(all, o)
		}
	}
	return all
}

// member returns an object that is a member, empty where it is none.
func member(of rawjson.Object, name string) rawjson.Object {
	value := of.Get(name)
	if value == nil {
		return rawjson.Object{}
	}
	o, err := rawjson.Parse(value, rawjson.Limits{})
	if err != nil {
		return rawjson.Object{}
	}
	return o
}

// Plain is a JSON string's text, or another value as it is written.
func Plain(value []byte) string {
	if s, ok := rawjson.Unquote(value); ok {
		return s
	}
	return string(value)
}

// Integer is a JSON number without its fraction; 0 for any other value, and for
// a number that is too large.
func Integer(value []byte) int64 {
	if n, err := strconv.ParseInt(string(value), 10, 64); err == nil {
		return n
	}
	if len(value) == 0 || value[0] == '"' {
		return 0
	}
	f, err := strconv.ParseFloat(string(value), 64)
	if err != nil || f >= 1<<63 || f < -1<<63 {
		return 0
	}
	return int64(f)
}

// truthy reports whether a JSON value counts as true.
func truthy(value []byte) bool {
	switch string(value) {
	case "", "null", "false", `""`, "[]", "{}":
		return false
	}
	if f, err := strconv.ParseFloat(string(value), 64); err == nil {
		return f != 0
	}
	return true
}
