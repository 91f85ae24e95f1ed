package check

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// typeGPUs counts the nodes of a type with and without a GPU.
type typeGPUs struct{ with, without int }

// nodeTypes holds that for every node type of a grid.
type nodeTypes map[string]typeGPUs

// gpuPrefix starts the names of types of nodes with a GPU.
const gpuPrefix = "gpu_"

// gpuTypes counts the nodes of each type with and without a GPU.
func gpuTypes(g *inventory.Grid) nodeTypes {
	types := nodeTypes{}
	for r := range g.In(inventory.Place{}, route.NodeKind) {
		name, _ := r.File.String("node_type")
		var gpu struct{ GPU *bool }
		v := r.File.Get("gpu")
		if name == "" || v == nil || json.Unmarshal(v, &gpu) != nil || gpu.GPU == nil {
			continue // the schema reports invalid values
		}

		counts := types[name]
		if *gpu.GPU {
			counts.with++
		} else {
			counts.without++
		}
		types[name] = counts
	}

	return types
}

// findings reports a node whose GPU does not fit its type: nodes of one type have
// similar hardware, and the name of the type shows whether they have a GPU.
func (t nodeTypes) findings(doc any) inventory.Diagnostics {
	name, _ := lookup(doc, []string{"node_type"}).(string)
	has, ok := lookup(doc, []string{"gpu", "gpu"}).(bool)
	counts, known := t[name]
	if !ok || !known {
		return nil
	}

	at := func(message, hint string) inventory.Diagnostics {
		return inventory.Diagnostics{{Rule: "gpu-type", Pointer: "/gpu/gpu", Message: message, Hint: hint}}
	}

	const alike = "nodes of one type are alike: correct the value or the type"
	named := strings.HasPrefix(name, gpuPrefix)
	of := func(n int) string {
		verb := "have"
		if n == 1 {
			verb = "has"
		}
		return fmt.Sprintf("%d of the %d nodes of type %s %s", n, counts.with+counts.without, quoted(name), verb)
	}

	switch {
	case has && counts.without >= counts.with:
		return at(fmt.Sprintf("gpu.gpu is true, but %s no GPU", of(counts.without)), alike)
	case !has && counts.with >= counts.without:
		return at(fmt.Sprintf("gpu.gpu is false, but %s a GPU", of(counts.with)), alike)
	case has && !named && t.anyNamed():
		return at(fmt.Sprintf("gpu.gpu is true, but the type name %s suggests no GPU", quoted(name)),
			"types of nodes with a GPU are called "+gpuPrefix+"…")

	case !has && named:
		return at(fmt.Sprintf("gpu.gpu is false, but the type name %s suggests a GPU", quoted(name)),
			"correct the value or the type")
	}

	return nil
}

// anyNamed reports whether the grid uses the prefix for GPU types at all.
func (t nodeTypes) anyNamed() bool {
	for name := range t {
		if strings.HasPrefix(name, gpuPrefix) {
			return true
		}
	}
	return false
}

// vendorWords are parts of the names of companies, and of the main GPU vendors, for
// files without a vendor: no model is called so.
var vendorWords = []string{
	"co", "company", "corp", "corporation", "gmbh", "inc", "incorporated", "limited", "llc", "ltd",
	"advanced", "amd", "ati", "devices", "intel", "micro", "nvidia",
}

// gpuModelFindings reports a GPU model that is only a vendor, such as "NVIDIA
// Corporation", which tools print for unknown devices.
func gpuModelFindings(doc any) inventory.Diagnostics {
	model, _ := lookup(doc, []string{"gpu", "gpu_model"}).(string)
	vendor, _ := lookup(doc, []string{"gpu", "gpu_vendor"}).(string)
	isNoise := func(word string) bool {
		return slices.Contains(vendorWords, word) || slices.Contains(words(vendor), word)
	}

	all := words(model)
	if len(all) == 0 || slices.ContainsFunc(all, func(word string) bool { return !isNoise(word) }) {
		return nil
	}

	return inventory.Diagnostics{{Rule: "gpu-model", Pointer: "/gpu/gpu_model",
		Message: fmt.Sprintf("gpu.gpu_model is %s, which is the vendor and not a model", quoted(model)),
		Hint:    "write the model, for example H100"}}
}

// words splits a text at what is neither a letter nor a digit, in lower case.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text),
		func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// country has the signs of a country's latitude and longitude, 0 if it is on both
// sides.
type country struct{ latitude, longitude int }

// countries are the countries that the last part of a location may name, except those
// on both sides of the equator and of Greenwich.
var countries = map[string]country{
	"argentina": {-1, -1}, "australia": {-1, 1}, "austria": {1, 1}, "belgium": {1, 1}, "brazil": {0, -1},
	"canada": {1, -1}, "chile": {-1, -1}, "china": {1, 1}, "czech republic": {1, 1}, "denmark": {1, 1},
	"estonia": {1, 1}, "finland": {1, 1}, "france": {1, 0}, "germany": {1, 1}, "greece": {1, 1}, "iceland": {1, -1},
	"india": {1, 1}, "ireland": {1, -1}, "israel": {1, 1}, "italy": {1, 1}, "japan": {1, 1}, "luxembourg": {1, 1},
	"mexico": {1, -1}, "netherlands": {1, 1}, "new zealand": {-1, 0}, "norway": {1, 1}, "peru": {-1, -1},
	"poland": {1, 1}, "portugal": {1, -1}, "romania": {1, 1}, "singapore": {1, 1}, "south africa": {-1, 1},
	"south korea": {1, 1}, "spain": {1, 0}, "sweden": {1, 1}, "switzerland": {1, 1}, "taiwan": {1, 1}, "turkey": {1, 1},
	"uk": {1, 0}, "united kingdom": {1, 0}, "united states": {1, -1}, "united states of america": {1, -1},
	"uruguay": {-1, -1}, "usa": {1, -1},
}

// hemisphereFindings reports coordinates of a site that are not in the hemispheres of
// the country that its location names.
func hemisphereFindings(doc any) inventory.Diagnostics {
	location, _ := lookup(doc, []string{"location"}).(string)
	parts := strings.Split(location, ",")
	name := strings.TrimSpace(parts[len(parts)-1])
	c, ok := countries[strings.ToLower(name)]
	if !ok {
		return nil
	}

	var found inventory.Diagnostics
	for _, axis := range []struct {
		member             string
		sign               int
		positive, negative string
	}{
		{member: "latitude", sign: c.latitude, positive: "north", negative: "south"},
		{member: "longitude", sign: c.longitude, positive: "east", negative: "west"},
	} {
		number, ok := lookup(doc, []string{axis.member}).(json.Number)
		if !ok {
			continue
		}

		v, err := number.Float64()
		if err != nil || v*float64(axis.sign) >= 0 {
			continue
		}

		is, want := axis.positive, axis.negative
		if v < 0 {
			is, want = want, is
		}

		found = append(found, inventory.Diagnostic{Rule: "hemisphere", Pointer: "/" + axis.member,
			Message: fmt.Sprintf("%s %s is %s, expected %s for %s", axis.member, number, is, want, name),
			Hint:    "did you forget the minus sign, or is the location wrong?"})
	}

	return found
}
