package openapi

import (
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// document writes the OpenAPI document. Calls of its methods nest as the members
// of the document do.
type document struct {
	rawjson.Builder
	examples Examples
}

func (d *document) object(key string, members func()) {
	d.Key(key)
	d.element(members)
}

func (d *document) array(key string, elements func()) {
	d.Key(key)
	d.BeginArray()
	elements()
	d.EndArray()
}

// element writes an object without a key: an element of an array.
func (d *document) element(members func()) {
	d.BeginObject()
	members()
	d.EndObject()
}

func (d *document) text(key, value string) {
	d.Key(key)
	d.String(value)
}

// raw writes a member whose value is already JSON.
func (d *document) raw(key, value string) {
	d.Key(key)
	d.Raw([]byte(value))
}

// ref writes the one member of a reference to a component (OpenAPI
// Specification 3.1.0, section 4.8.23).
func (d *document) ref(kind, name string) {
	d.text("$ref", "#/components/"+kind+"/"+name)
}
