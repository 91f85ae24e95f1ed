package hardware

import (
	"strings"
	"sync"
)

// At returns the values at a pointer, in the order of the text: names with a
// slash before each, as in a JSON Pointer (RFC 6901), but a name leads into each
// element of an array, and * to each device. A * may choose devices by one of
// their members: /network_adapters/*[interface=InfiniBand]/rate. Null is nothing.
func (v Value) At(pointer string) []Value {
	return v.find(pointer, nil)
}

func (v Value) find(pointer string, found []Value) []Value {
	if pointer == "" {
		if v.Kind != None {
			found = append(found, v)
		}
		return found
	}

	token, rest, more := strings.Cut(pointer[1:], "/")
	if more {
		rest = "/" + rest
	}

	if condition, ok := strings.CutPrefix(token, "*"); ok {
		for _, device := range v.devices() {
			if device.satisfies(condition) {
				found = device.find(rest, found)
			}
		}
		return found
	}

	if v.Kind == Array {
		for _, e := range v.Elements {
			found = e.find(pointer, found)
		}
		return found
	}

	return v.Get(token).find(rest, found)
}

// devices are the parts of a value that says what there is several of: the
// elements of an array, the members of an object that has nothing but objects
// (devices by their names), or else the one device that an object is.
func (v Value) devices() []Value {
	switch {
	case v.Kind == Array:
		return v.Elements
	case v.Kind != Object || len(v.Members) == 0:
		return nil
	}

	named := make([]Value, 0, len(v.Members))
	for _, m := range v.Members {
		if m.Kind != Object {
			return []Value{v}
		}
		named = append(named, m.Value)
	}

	return named
}

// satisfies reports whether a device is as [name=value] wants it; all are as ""
// wants them.
func (v Value) satisfies(condition string) bool {
	if condition == "" {
		return true
	}
	name, want, _ := strings.Cut(strings.Trim(condition, "[]"), "=")
	return strings.EqualFold(v.Get(name).String(), want)
}

// PropertyAt returns the property that is found at a member of a file's member,
// or of each of its devices, nil where there is none. A member of the file itself
// is given twice.
func PropertyAt(top, name string) *Property { return propertiesByPlace()[top+"/"+name] }

var propertiesByPlace = sync.OnceValue(func() map[string]*Property {
	places := map[string]*Property{}
	for i := range properties {
		for _, pointer := range properties[i].At {
			tokens := strings.Split(pointer[1:], "/")
			top, name := tokens[0], tokens[len(tokens)-1]
			if _, known := places[top+"/"+name]; !known && !strings.HasPrefix(name, "*") {
				places[top+"/"+name] = &properties[i]
			}
		}
	}

	return places
})
