package hardware

import (
	"fmt"
	"slices"
	"strings"
)

// Properties that pointers cannot express.

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

// gpus returns the devices that count as GPUs.
func gpus(n *Node) []Value {
	return slices.DeleteFunc(n.Values().At("/gpu/*"), func(d Value) bool { return gpuCount(d) == 0 })
}

func readGPUs(n *Node) (f Fact) {
	for _, d := range gpus(n) {
		f.Number = add(f.Number, gpuCount(d))
	}
	return f
}

func readHasGPU(n *Node) Fact { return Fact{Number: min(readGPUs(n).Number, 1)} }

func readGPUModels(n *Node) Fact { return Fact{Texts: Union.texts(join(gpus(n), "gpu_model"))} }

func readGPUVendors(n *Node) Fact { return Fact{Texts: Union.texts(join(gpus(n), "gpu_vendor"))} }

// readAccelerators returns a summary of GPUs and FPGAs.
func readAccelerators(n *Node) Fact {
	var words []string
	for _, d := range gpus(n) {
		count, model := gpuCount(d), d.Get("gpu_model").String()
		switch {
		case model != "":
			words = append(words, fmt.Sprintf("%d × %s", count, model))
		case count == 1:
			words = append(words, "1 GPU")
		default:
			words = append(words, fmt.Sprintf("%d GPUs", count))
		}
	}

	boards := Union.texts(join(n.Values().At("/fpga/*"), "board_vendor", "board_model"))
	return textFact(strings.Join(append(words, boards...), " + "))
}

// readSpeeds returns the rates of network adapters as people write them: 100G.
func readSpeeds(n *Node) Fact {
	var texts []Value
	for _, rate := range n.Values().At("/network_adapters/*/rate") {
		text := KindBitRate.Unit(rate.Int())
		if number, unit, ok := strings.Cut(text, "\u00a0"); ok {
			texts = append(texts, Value{Kind: Text, Text: number + unit[:1]})
		}
	}
	return Fact{Texts: Union.texts(texts)}
}

// join returns the texts of members of devices, such as vendor and model, joined.
func join(devices []Value, members ...string) (texts []Value) {
	for _, d := range devices {
		var words []string
		for _, name := range members {
			if word := d.Get(name).String(); word != "" {
				words = append(words, word)
			}
		}
		texts = append(texts, Value{Kind: Text, Text: strings.Join(words, " ")})
	}
	return texts
}

// readProcessor returns a summary of the processors.
func readProcessor(n *Node) Fact {
	models := Union.texts(n.Values().At("/processor/*/model"))
	sockets := Max.number(n.Values().At("/architecture/smp_size"))
	if len(models) == 1 && sockets > 1 {
		models[0] = fmt.Sprintf("%d × %s", sockets, models[0])
	}
	return textFact(strings.Join(models, " + "))
}

// readMedia sums a node's storage by media_type, in lower case.
func readMedia(file Value) map[string]int64 {
	media := map[string]int64{}
	for _, d := range file.At("/storage_devices/*") {
		kind := strings.ToLower(d.Get("media_type").String())
		media[kind] = add(media[kind], d.Get("size").Int())
	}
	return media
}
