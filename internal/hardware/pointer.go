package hardware

import (
	"strings"
	"sync"
)

// At returns the values at a pointer, in the order of the text, without nulls. The
// syntax is that of a JSON Pointer (RFC 6901), except that a name applies to each
// element of an array, * to each device, and *[NAME=VALUE] to devices with such a
// member: /network_adapters/*[interface=InfiniBand]/rate.
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

// devices returns the devices of a value. Files have them as an array, as an object
// of objects (devices by name), or, if there is only one, as the device itself.
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

// satisfies reports whether a device meets a condition [name=value], or "".
func (v Value) satisfies(condition string) bool {
	if condition == "" {
		return true
	}
	name, want, _ := strings.Cut(strings.Trim(condition, "[]"), "=")
	return strings.EqualFold(v.Get(name).String(), want)
}

// PropertyAt returns the property that is read from the member name of the file's
// member top, or of its devices; nil for none. For a member of the file itself, both
// are the same.
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
