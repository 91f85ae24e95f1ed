package hardware

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
)

// Properties that pointers cannot express.

// readAccelerators returns a summary of GPUs and FPGAs: those of one model together.
func readAccelerators(n *Node) Fact {
	var models []string
	counts := map[string]int64{}
	for _, g := range gpus(n) {
		model := cmp.Or(g.name(), g.model)
		if counts[model] == 0 {
			models = append(models, model)
		}
		counts[model] = add(counts[model], g.count)
	}

	var words []string
	for _, model := range models {
		switch count := counts[model]; {
		case model != "":
			words = append(words, fmt.Sprintf("%d × %s", count, model))
		case count == 1:
			words = append(words, "1 GPU")
		default:
			words = append(words, fmt.Sprintf("%d GPUs", count))
		}
	}

	boards := Union.texts(join(n.Values().At("/fpga/*"), "board_vendor", "board_model"))
	boards = append(boards, Union.texts(join(n.Values().At("/other_devices/*[type=fpga]"), "vendor", "model"))...)
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
	for i, model := range models {
		models[i] = shortenModel(model)
	}
	sockets := Max.number(n.Values().At("/architecture/smp_size"))
	if len(models) == 1 && sockets > 1 {
		models[0] = fmt.Sprintf("%d × %s", sockets, models[0])
	}
	return textFact(strings.Join(models, " + "))
}

// What vendors write around a processor's name, and what other columns have: its clock
// and cores.
var aroundName = regexp.MustCompile(`(?i)\((?:r|tm|c)\)|®|™|\b(?:\d+-core )?processor\b|\bcpu\b|@.*$`)

// shortenModel returns the name of a processor within its model: Xeon Gold 6126 for
// Intel(R) Xeon(R) Gold 6126 CPU @ 2.60GHz.
func shortenModel(model string) string {
	name := strings.Join(strings.Fields(aroundName.ReplaceAllString(model, " ")), " ")
	name = strings.Replace(name, "Intel Xeon ", "Xeon ", 1)
	return cmp.Or(name, model)
}

// readMedia sums a node's storage by media_type, in lower case.
func readMedia(file Value) map[string]int64 {
	media := map[string]int64{}
	for _, d := range file.At("/storage_devices/*") {
		kind := strings.ToLower(cmp.Or(d.Get("media_type").String(), d.Get("storage").String()))
		media[kind] = add(media[kind], d.Get("size").Int())
	}
	return media
}
