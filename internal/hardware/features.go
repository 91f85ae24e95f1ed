package hardware

import (
	"slices"
	"strings"
)

// feature is what a machine can have beyond numbers of devices.
type feature struct {
	Choice
	has func(n *Node) bool // whether the file says so, in whatever place
}

var features = []feature{
	{Choice{"arm", "Arm processors"}, func(n *Node) bool {
		arch := First.texts(n.Values().At("/architecture/platform_type"))
		return len(arch) > 0 && slices.Contains([]string{"aarch64", "arm64", "armv7l"}, strings.ToLower(arch[0]))
	}},
	{Choice{"nvlink", "NVLink"}, func(n *Node) bool {
		return typeSays(n, "nvlink") || slices.ContainsFunc(gpus(n), func(g gpu) bool {
			return slices.ContainsFunc(g.said.details, func(d string) bool { return strings.HasPrefix(d, "SXM") })
		})
	}},
	{Choice{"omnipath", "Omni-Path"}, func(n *Node) bool { return adaptersSay(n, "interface", "omni-path") }},
	{Choice{"pmem", "persistent memory"}, func(n *Node) bool {
		return Max.number(n.Values().At("/main_memory/pmem_size")) > 0 ||
			len(n.Values().At("/memory_devices/*[technology=pmem]/technology")) > 0 ||
			typeSays(n, "nvdimm") || typeSays(n, "pmem")
	}},
	{Choice{"rdma", "RDMA"}, func(n *Node) bool {
		return slices.ContainsFunc(n.Values().At("/infiniband"), Value.True) ||
			adaptersSay(n, "interface", "infiniband", "omni-path") || adaptersSay(n, "model", "rdma", "roce")
	}},
	{Choice{"sgx", "Intel SGX"}, func(n *Node) bool {
		note := SplitWords(n.Values().Get("admin_note").String())
		i := slices.IndexFunc(note, func(word string) bool { return strings.HasPrefix(word, "sgx") })
		return typeSays(n, "sgx") || i == 0 || i > 0 && !slices.Contains([]string{"no", "not", "without"}, note[i-1])
	}},
	{Choice{"sriov", "SR-IOV"}, func(n *Node) bool {
		return slices.ContainsFunc(n.Values().At("/network_adapters/*/sriov"), isTrue)
	}},
	{Choice{"wattmeter", "wattmeter"}, func(n *Node) bool {
		return slices.ContainsFunc(n.Values().At("/monitoring/wattmeter"), isTrue)
	}},
}

func featureChoices() (choices []Choice) {
	for _, feature := range features {
		choices = append(choices, feature.Choice)
	}
	return choices
}

func readFeatures(n *Node) (f Fact) {
	for _, feature := range features {
		if feature.has(n) {
			f.Texts = append(f.Texts, feature.Value)
		}
	}
	return f
}

// typeSays reports whether the name of a node's type has a word.
func typeSays(n *Node, word string) bool {
	return hasWord(strings.ToLower(n.Values().Get("node_type").String()), word)
}

// adaptersSay reports whether a member of a network adapter has one of some texts.
func adaptersSay(n *Node, member string, texts ...string) bool {
	return slices.ContainsFunc(n.Values().At("/network_adapters/*/"+member), func(v Value) bool {
		lower := strings.ToLower(v.String())
		return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(lower, text) })
	})
}

// readNVMe reports whether a storage device is attached by NVMe: by its interface, its
// driver, or a name that the system or the vendor gives it. A node without a list of
// devices does not say.
func readNVMe(n *Node) Fact {
	devices := n.Values().At("/storage_devices/*")
	if len(devices) == 0 {
		return Fact{Number: Unstated}
	}

	isNVMe := func(d Value) bool {
		return strings.EqualFold(d.Get("interface").String(), "PCIe") ||
			slices.ContainsFunc([]string{"interface", "driver", "device", "model", "by_id", "by_path"}, func(member string) bool {
				return strings.Contains(strings.ToLower(d.Get(member).String()), "nvme")
			})
	}
	if slices.ContainsFunc(devices, isNVMe) {
		return Fact{Number: 1}
	}
	return Fact{}
}
