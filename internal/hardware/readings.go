package hardware

import (
	"fmt"
	"slices"
	"strings"
)

// Properties that pointers cannot express.

func readUID(n *Node) Fact     { return textFact(n.UID) }
func readSite(n *Node) Fact    { return textFact(n.Site) }
func readCluster(n *Node) Fact { return textFact(n.Cluster) }

// gpu describes the GPUs of one model.
type gpu struct {
	count         int64
	model, vendor string
}

// gpus reads the GPUs. A device counts if its flag is true, or if it has a count and
// no flag. A flag that is not a boolean counts as false.
func (v Value) gpus() (all []gpu) {
	for _, device := range v.Get("gpu").devices() {
		flag, count := device.Get("gpu"), device.Get("gpu_count").Int()
		if isTrue(flag) {
			count = max(count, 1)
		} else if flag.Kind != None {
			count = 0
		}

		if count > 0 {
			all = append(all, gpu{count, device.Get("gpu_model").String(), device.Get("gpu_vendor").String()})
		}
	}
	return all
}

// isTrue reports whether a value is the boolean true.
func isTrue(v Value) bool { return v.Kind == Plain && v.Text == "true" }

func readHasGPU(n *Node) Fact { return flagFact(len(n.Values.gpus()) > 0) }

func readGPUs(n *Node) (f Fact) {
	for _, g := range n.Values.gpus() {
		if g.count <= 1<<62-f.Number {
			f.Number += g.count
		}
	}
	return f
}

func readGPUModels(n *Node) Fact { return n.Values.gpuTexts(func(g gpu) string { return g.model }) }

func readGPUVendors(n *Node) Fact { return n.Values.gpuTexts(func(g gpu) string { return g.vendor }) }

func (v Value) gpuTexts(of func(gpu) string) Fact {
	var texts []Value
	for _, g := range v.gpus() {
		texts = append(texts, Value{Kind: Text, Text: of(g)})
	}
	return Fact{Texts: Union.texts(texts)}
}

// readAccelerators returns a summary of GPUs and FPGAs.
func readAccelerators(n *Node) Fact {
	var words []string
	for _, g := range n.Values.gpus() {
		switch {
		case g.model != "":
			words = append(words, fmt.Sprintf("%d × %s", g.count, g.model))
		case g.count == 1:
			words = append(words, "1 GPU")
		default:
			words = append(words, fmt.Sprintf("%d GPUs", g.count))
		}
	}

	return textFact(strings.Join(append(words, readFPGA(n).Texts...), " + "))
}

// readFPGA returns the FPGA boards, each with vendor and model.
func readFPGA(n *Node) Fact { return n.Values.named("fpga", "board_vendor", "board_model") }

func readChassis(n *Node) Fact { return n.Values.named("chassis", "manufacturer", "name") }

// named returns the distinct names of devices: vendor and model.
func (v Value) named(devices, vendor, model string) Fact {
	var texts []Value
	for _, d := range v.Get(devices).devices() {
		parts := []string{d.Get(vendor).String(), d.Get(model).String()}
		parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
		texts = append(texts, Value{Kind: Text, Text: strings.Join(parts, " ")})
	}
	return Fact{Texts: Union.texts(texts)}
}

// readProcessor returns a summary of the processors.
func readProcessor(n *Node) Fact {
	models := Union.texts(n.Values.At("/processor/*/model"))
	sockets := Max.number(n.Values.At("/architecture/smp_size"))
	if len(models) == 1 && sockets > 1 {
		models[0] = fmt.Sprintf("%d × %s", sockets, models[0])
	}
	return textFact(strings.Join(models, " + "))
}

func readLeasedBy(n *Node) Fact { return textFact(LeasedBy(n.ByFlavor)) }
