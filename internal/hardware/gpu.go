package hardware

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// gpu is a model of GPU that a node has, and how many of them.
type gpu struct {
	count         int64
	vendor, model string // as the file has them
	memory        int64  // bytes of each, 0 if the file does not say
	said          gpuModel
}

// gpus returns a node's GPUs. Files have a list of models with counts (gpu), or each GPU
// for itself (gpu_devices).
func gpus(n *Node) []gpu {
	if n.gpus == nil { // several properties are read from them
		n.gpus = readGPUDevices(n)
	}
	return n.gpus
}

func readGPUDevices(n *Node) []gpu {
	all := []gpu{}
	add := func(count int64, d Value, vendor, model, memory string) {
		g := gpu{count: count, vendor: d.Get(vendor).String(), model: d.Get(model).String(), memory: d.Get(memory).Int()}
		g.said = parseModel(g.vendor, g.model)
		all = append(all, g)
	}

	models := n.Values().At("/gpu/*")
	for _, d := range models {
		if count := gpuCount(d); count > 0 {
			add(count, d, "gpu_vendor", "gpu_model", "gpu_memory")
		}
	}

	if len(models) == 0 {
		for _, d := range n.Values().At("/gpu_devices/*") {
			add(1, d, "vendor", "model", "memory")
		}
	}
	return all
}

// gpuCount returns how many GPUs a device stands for. It counts if its flag is true,
// or if it has a count and no flag. A flag that is not a boolean counts as false.
func gpuCount(device Value) int64 {
	flag, count := device.Get("gpu"), device.Get("gpu_count").Int()
	switch {
	case isTrue(flag):
		return max(count, 1)
	case flag.Kind != None:
		return 0
	}
	return count
}

// isTrue reports whether a value is the boolean true.
func isTrue(v Value) bool { return v.Kind == Plain && v.Text == "true" }

func readGPUs(n *Node) (f Fact) {
	for _, g := range gpus(n) {
		f.Number = add(f.Number, g.count)
	}
	return f
}

func readHasGPU(n *Node) Fact {
	switch {
	case len(gpus(n)) > 0:
		return Fact{Number: 1}
	case len(n.Values().At("/gpu/*/gpu")) == 0:
		return Fact{Number: Unstated}
	}
	return Fact{}
}

// readOfGPUs reads a text of each GPU, each once.
func readOfGPUs(text func(gpu) string) func(*Node) Fact {
	return func(n *Node) Fact {
		var texts []Value
		for _, g := range gpus(n) {
			texts = append(texts, Value{Kind: Text, Text: text(g)})
		}
		return Fact{Texts: Union.texts(texts)}
	}
}

func readGPUMemory(n *Node) (f Fact) {
	for _, g := range gpus(n) {
		f.Number = max(f.Number, cmp.Or(g.memory, g.said.memory))
	}
	return f
}

// gpuModel is what a model's name says.
type gpuModel struct {
	vendor  string   // as it writes itself
	model   []string // what people call it
	size    string   // of its memory, as the name has it
	memory  int64    // the same in bytes
	details []string // form factor, kind of memory
}

// family returns what people call a GPU: "NVIDIA A100" for "GA100 [A100 PCIe 80GB]". It
// is "" for a GPU whose model is not known.
func (g gpu) family() string {
	m := &g.said
	if len(m.model) == 0 {
		return ""
	}
	return strings.TrimSpace(m.vendor + " " + strings.Join(m.model, " "))
}

// name returns the family with memory and form factor: "NVIDIA A100 80GB PCIe".
func (g gpu) name() string {
	family := g.family()
	if family == "" {
		return ""
	}
	m := &g.said
	return strings.Join(strings.Fields(family+" "+m.size+" "+strings.Join(m.details, " ")), " ")
}

// parseModel reads a model's name. Those of the PCI database have the name of the chip before
// that of the product: "GA100 [A100 PCIe 80GB]".
func parseModel(vendor, model string) (m gpuModel) {
	name := model
	if from, to := strings.LastIndexByte(name, '['), strings.LastIndexByte(name, ']'); from >= 0 && from < to {
		name = name[from+1 : to]
	}

	m.vendor = vendorName(cmp.Or(vendor, model), vendor)

	for _, word := range modelWords(name) {
		lower := strings.ToLower(word)
		switch {
		case strings.EqualFold(word, m.vendor), slices.Contains(notOfModels, lower):
		case isMemorySize(lower):
			m.size = strings.ToUpper(word)
			n, _ := strconv.ParseInt(strings.TrimSuffix(lower, "gb"), 10, 32) // digits, a few
			m.memory = n * gib
		case lower == "pcie":
			m.details = append(m.details, "PCIe")
		case isFormOrMemory(lower):
			m.details = append(m.details, strings.ToUpper(word))
		default:
			m.model = append(m.model, word)
		}
	}
	return m
}

// vendorName returns the name of a vendor as it writes itself, if a text has it.
func vendorName(text, otherwise string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !isWordRune(r) })
	for _, name := range [][2]string{{"nvidia", "NVIDIA"}, {"amd", "AMD"}, {"intel", "Intel"}} {
		if slices.Contains(words, name[0]) {
			return name[1]
		}
	}
	return otherwise
}

// notOfModels has words of models' names that people leave out: companies, lines of
// products whose models have names of their own, and what distinguishes no models.
var notOfModels = []string{
	"nvidia", "amd", "ati", "intel", "corporation", "corp.", "inc.",
	"tesla", "geforce", "instinct", "data", "center", "gpu", "generation", "server", "edition",
}

// modelWords splits a model's name into words, also where hyphens separate form factor
// and memory: "V100-SXM2-32GB".
func modelWords(name string) (words []string) {
	for _, ignored := range []string{"(R)", "(TM)"} {
		name = strings.ReplaceAll(name, ignored, "")
	}
	name = strings.ReplaceAll(name, "Radeon Instinct", "Instinct") // one line's older name
	for _, word := range strings.Fields(name) {
		parts := strings.Split(word, "-")
		if slices.ContainsFunc(parts, func(part string) bool {
			lower := strings.ToLower(part)
			return isMemorySize(lower) || isFormOrMemory(lower)
		}) {
			words = append(words, parts...)
		} else {
			words = append(words, word)
		}
	}
	return words
}

// isMemorySize reports whether a word is an amount of memory: 80gb.
func isMemorySize(lower string) bool {
	digits, ok := strings.CutSuffix(lower, "gb")
	return ok && digits != "" && len(digits) < 6 && strings.Trim(digits, "0123456789") == ""
}

// isFormOrMemory reports whether a word is a form factor, or a kind of memory.
func isFormOrMemory(lower string) bool {
	kind := strings.TrimRight(lower, "0123456789e")
	return slices.Contains([]string{"pci", "sxm", "oam", "nvl", "hbm"}, kind)
}
