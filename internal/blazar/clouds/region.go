package clouds

import "strings"

// profile finds the profile that an entry is based on. As in openstacksdk, a missing
// one is not an error.
func (r *reader) profile(own value) value {
	key, v := "profile", own.get("profile")
	if v.kind == null {
		key, v = "cloud", own.get("cloud") // the former name
	}

	r.used["profile"], r.used["cloud"] = true, true
	none := value{kind: mapping}
	if v.kind == null {
		return none
	}

	base, public, err := r.docs.profile(r.scalar(v, key))
	if err != nil && r.err == nil {
		r.err = err // names the file, which is not the entry's
	}
	if base.kind == mapping {
		return base.normalized()
	}

	where := "there is no clouds-public.yaml"
	if public.name != "" {
		where = public.name + " has no such entry under public-clouds:"
	}

	r.note(v, key, true, "%s, and availapi has no profiles of its own", where)
	return none
}

// region returns the name of the region in use, which is the first of several, and the
// keys for it.
func (r *reader) region(entry value) (name, values value) {
	one, all := entry.get("region_name"), entry.get("regions")
	items := all.items
	switch {
	case all.kind == list && len(items) > 0: // regions takes precedence over region_name
	case all.kind != list && all.kind != null:
		r.fail(all, "regions", "must be a list, not %v", all.kind)
	case one.kind == list:
		items = one.items
	default:
		for text := range strings.SplitSeq(r.scalar(one, "region_name"), ",") {
			items = append(items, value{kind: scalar, text: strings.TrimSpace(text), at: one.at})
		}
	}

	for i, item := range items {
		other, itsValues := r.regionItem(item)
		if i == 0 {
			name, values = other, itsValues
			continue
		}
		r.note(item, "regions", false, "%s is ignored: only the first of several regions is used, %s", other.text,
			name.text)
	}

	if len(all.items) > 0 && one.kind == scalar && one.text != name.text {
		r.note(one, "region_name", true, "the first of regions is used, %s", name.text)
	}

	return name, values
}

// regionItem reads a region: a name, or a mapping of name and values.
func (r *reader) regionItem(item value) (name, values value) {
	if item.kind == scalar {
		return item, value{}
	}

	name, values = item.get("name"), item.get("values")
	if name.kind != scalar {
		r.fail(item, "regions", "must have names, or mappings with name and values")
	}
	if values.kind != mapping && values.kind != null {
		r.fail(values, "regions", "has values that are not a mapping of keys but %v", values.kind)
	}

	for _, m := range item.members {
		if m.key != "name" && m.key != "values" {
			r.fail(m.value, "regions", "has %q: a region has name and values, and nothing else", printableKey(m.key))
		}
	}

	return name, values
}
