package config

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/BurntSushi/toml"
)

// The library could decode into structs, too. But it accepts keys in any letter case,
// of which two would overwrite each other, and reads times in the machine's zone.

// fill copies a table into a struct, by the tags of its fields. Keys without a field go
// into its map Own; in a struct without one they are errors, whose hint may suggest one
// of the struct's keys or of others.
func fill(into reflect.Value, table map[string]any, at toml.Key, others ...string) error {
	known := keysOf(into.Type())
	own := into.FieldByName("Own")
	if own.IsValid() {
		own.Set(reflect.MakeMap(own.Type()))
	}

	for _, name := range slices.Sorted(maps.Keys(table)) {
		key := append(slices.Clone(at), name)
		if i := slices.Index(known, name); i >= 0 {
			if err := set(into.Field(i), table[name], key); err != nil {
				return err
			}
		} else if own.IsValid() {
			own.SetMapIndex(reflect.ValueOf(name), reflect.ValueOf(table[name]))
		} else {
			return unknown(key, append(known, others...))
		}
	}

	return nil
}

// keysOf returns the keys of a struct, which are its first fields.
func keysOf(of reflect.Type) (keys []string) {
	for field := range of.Fields() {
		key, ok := field.Tag.Lookup("toml")
		if !ok || key == "-" {
			break
		}
		keys = append(keys, key)
	}
	return keys
}

// set copies a value into a field.
func set(field reflect.Value, value any, key toml.Key) error {
	v := reflect.ValueOf(value)
	list, isList := value.([]any)
	table, isTable := value.(map[string]any)

	switch kind := field.Kind(); {
	case field.Type() == reflect.TypeFor[time.Time]():
		return setTime(field, value, key)
	case kind == reflect.Struct && isTable:
		return fill(field, table, key)

	case kind == reflect.Map && isTable:
		field.Set(reflect.MakeMap(field.Type()))
		for _, name := range slices.Sorted(maps.Keys(table)) {
			elem := reflect.New(field.Type().Elem()).Elem()
			if err := set(elem, table[name], append(slices.Clone(key), name)); err != nil {
				return err
			}
			field.SetMapIndex(reflect.ValueOf(name), elem)
		}

	case kind == reflect.Slice && isList:
		field.Set(reflect.MakeSlice(field.Type(), len(list), len(list)))
		for i := range list {
			if err := set(field.Index(i), list[i], key); err != nil {
				return err
			}
		}

	case field.Type() == v.Type(): // a string, true or false, or a duration from elsewhere
		field.Set(v)
	case field.Type() == reflect.TypeFor[time.Duration]() && v.CanInt():
		const most = math.MaxInt64 / int64(time.Second)
		field.SetInt(min(max(v.Int(), -most), most) * int64(time.Second))
	case kind == reflect.Int && v.CanInt():
		field.SetInt(v.Int())
	default:
		return bad(fmt.Sprintf("want %s, not %s", typeName(field.Type()), typeName(v.Type())), key...)
	}

	return nil
}

// setTime copies a time into a field. One without a zone is read as UTC: the published
// files must not depend on the machine.
func setTime(field reflect.Value, value any, key toml.Key) error {
	t, ok := value.(time.Time)
	if text, isText := value.(string); isText {
		var err error
		t, err = time.Parse(time.RFC3339, text)
		ok = err == nil
	}

	// The library marks times without a zone, and those without a date, by these names.
	switch zone := t.Location().String(); {
	case !ok, zone == "time-local":
		return bad("want a time such as 2030-01-31T00:00:00Z", key...)
	case zone == "datetime-local", zone == "date-local":
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	}

	field.Set(reflect.ValueOf(t.UTC()))
	return nil
}

// typeName describes the type of a field, or of a value as the library returns it.
func typeName(of reflect.Type) string {
	if of == reflect.TypeFor[time.Time]() {
		return "a time"
	}

	switch of.Kind() {
	case reflect.Int, reflect.Int64:
		return "an integer"
	case reflect.Float64:
		return "a number with a fraction"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "a string"
	}

	return "a table"
}
