package openapi

import (
	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// object is an object of the document, with its members in their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b rawjson.Builder
	b.BeginObject()
	for _, m := range o {
		b.Key(m.name)
		b.Raw(api.Encode(m.value))
	}
	b.EndObject()
	return b.Bytes(), nil
}

// ref refers to a component (OpenAPI Specification 3.1.0, section 4.8.23).
func ref(kind, name string) object { return object{{"$ref", "#/components/" + kind + "/" + name}} }

// refOr refers to a component, or is the value itself if it is not one.
func refOr(kind, component string, value object) object {
	if component != "" {
		return ref(kind, component)
	}
	return value
}
