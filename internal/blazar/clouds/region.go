package clouds

import "strings"

// profile finds the profile that an entry is based on. As in openstacksdk, a missing
// one is not an error.
func (r *reader) profile(own value) (value, error) {
	key := "profile"
	v := own.get(key)
	if v.kind == null {
		key = "cloud" // the former name
		v = own.get(key)
	}

	r.used["profile"], r.used["cloud"] = true, true
	if v.kind == null {
		return value{kind: mapping}, nil
	}
	if v.kind != scalar {
		return value{}, r.fail(v, key, "must be a string, not %v", v.kind)
	}

	base, public, err := r.docs.profile(v.text)
	if err != nil {
		return value{}, err
	}
	if base.kind == mapping {
		return base.normalized(), nil
	}

	where := "there is no clouds-public.yaml"
	if public.name != "" {
		where = public.name + " has no such entry under public-clouds:"
	}

	r.note(v, key, true, "%s, and availapi has no profiles of its own", where)
	return value{kind: mapping}, nil
}

// region is an item of the key regions.
type region struct {
	name   string
	values value
	at     position
}

// region returns the region in use, which is the first of several.
func (r *reader) region(entry value) (region, error) {
	one, all := entry.get("region_name"), entry.get("regions")
	switch {
	case all.kind == list && len(all.items) > 0: // regions takes precedence over region_name
	case all.kind != list && all.kind != null:
		return region{}, r.fail(all, "regions", "must be a list, not %v", all.kind)
	case one.kind == null:
		return region{}, nil
	case one.kind == mapping:
		return region{}, r.fail(one, "region_name", "must be a string, not %v", one.kind)
	case one.kind == list:
		all = one
	default:
		for name := range strings.SplitSeq(one.text, ",") {
			all.items = append(all.items, value{kind: scalar, text: strings.TrimSpace(name), at: one.at})
		}
	}

	var regions []region
	for _, item := range all.items {
		read, err := r.regionItem(item)
		if err != nil {
			return region{}, err
		}
		regions = append(regions, read)
	}

	if len(regions) == 0 {
		return region{}, nil
	}

	first := regions[0]
	for _, other := range regions[1:] {
		r.note(value{at: other.at}, "regions", false,
			"%s is ignored: only the first of several regions is used, %s", other.name, first.name)
	}

	if entry.get("regions").kind == list && one.kind == scalar && one.text != first.name {
		r.note(one, "region_name", true, "the first of regions is used, %s", first.name)
	}

	return first, nil
}

// regionItem reads a region: a name, or a mapping of name and values.
func (r *reader) regionItem(item value) (region, error) {
	if item.kind == scalar {
		return region{name: item.text, at: item.at}, nil
	}
	if item.kind != mapping || item.get("name").kind != scalar {
		return region{}, r.fail(item, "regions", "must have names, or mappings with name and values")
	}

	for _, m := range item.members {
		if m.key != "name" && m.key != "values" {
			return region{}, r.fail(m.value, "regions", "has %q: a region has name and values, and nothing else",
				printableKey(m.key))
		}
	}

	values := item.get("values")
	if values.kind != mapping && values.kind != null {
		return region{}, r.fail(values, "regions", "has values that are not a mapping of keys but %v", values.kind)
	}

	return region{name: item.get("name").text, values: values, at: item.at}, nil
}
