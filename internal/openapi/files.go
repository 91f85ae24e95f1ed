package openapi

import (
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// fileSchema is what a schema of a file says of a value's type. What else it
// demands are rules for editors of the files, and not of the API.
type fileSchema struct {
	Type        rawjson.Value `json:"type"`
	Description string        `json:"description"`
	Enum        []string      `json:"enum"`
	Unit        string        `json:"x-unit"`
	Items       rawjson.Value `json:"items"`
	Properties  rawjson.Value `json:"properties"`
}

// fileComponents are nodes' and flavors' files and the objects in them: NodeFile,
// NodeProcessor and so on. NodeHardware and FlavorProperties have the members that
// no type of package api declares. None is required.
func fileComponents() map[string]Schema {
	all := fileTypes{}
	names := map[route.KindID]string{route.NodeKind: "NodeHardware", route.FlavorKind: "FlavorProperties"}
	for kind, name := range names {
		prefix := capitalized(kind.String())
		all.add(name, prefix, inventory.Schema(kind))

		file, members := all[name], all[name]
		file.AllOf = []Schema{{Ref: schemaRef + name}}
		file.Properties, members.Properties = nil, nil
		for _, p := range all[name].Properties {
			if slices.Contains([]string{"uid", "type", "node_name", "node_type"}, p.Name) {
				file.Properties = append(file.Properties, p)
			} else {
				members.Properties = append(members.Properties, p)
			}
		}
		members.Description = "What the file of a " + kind.String() + " says of it, as far as it does: " +
			"a member that the file lacks is absent, and null is what the file says."
		all[prefix+"File"], all[name] = file, members
	}
	return all
}

// fileTypes are components by their names.
type fileTypes map[string]Schema

// untyped are components of members that have values of several types in real
// files. A client that insisted on one would lose the complete answer.
var untyped = []string{"NodeBiosVersion", "NodePlacementRack", "NodeNetworkAdapterEnabled"}

// add returns the schema of a value. An object becomes a component of the given name;
// names of those in it have a prefix.
func (all fileTypes) add(name, prefix string, text []byte) Schema {
	var file fileSchema
	mustDecode(text, &file)
	s := Schema{Type: "string", Description: file.Description, KnownValues: file.Enum, Unit: file.Unit}
	if file.Type != nil { // in the notation of [TypeName]
		s.Type = TypeName(strings.NewReplacer(`"`, "", "[", "", "]", "", ",", " or ").Replace(string(file.Type)))
	}

	switch {
	case slices.Contains(untyped, name):
		s.Type = ""
		return s
	case strings.HasPrefix(string(s.Type), "integer"):
		s.Format = "int64"
	case strings.HasPrefix(string(s.Type), "number"):
		s.Format = "double"
	case file.Items != nil:
		one := strings.TrimSuffix(name, "s")
		items := all.add(one, one, file.Items)
		s.Items = &items
	case file.Properties != nil:
		members, err := rawjson.Parse(file.Properties, rawjson.Limits{})
		if err != nil {
			panic(err) // it is compiled in
		}
		for m := range members.Members() {
			var camel string
			for word := range strings.SplitSeq(m.Name, "_") {
				camel += capitalized(word)
			}
			s.Properties = append(s.Properties, Property{Name: m.Name, Schema: all.add(prefix+camel, prefix+camel, m.Value)})
		}
		s.AdditionalProperties = true
		all[name] = s
		return Schema{Ref: schemaRef + name}
	}

	// A value that is not known is null in many files, or its member is absent.
	if file.Items == nil && !strings.HasSuffix(string(s.Type), orNull) {
		s.Type += orNull
	}
	return s
}

func capitalized(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

func mustDecode(text []byte, into any) {
	if err := api.Decode(text, into); err != nil {
		panic(err) // it is compiled in
	}
}
