package change

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// identities are the members that tell one device of a list from the others, the surest
// first.
func identities() []string { return []string{"serial", "mac", "wwn", "device"} }

// compareMatching compares two arrays by what their elements are. It reports whether that
// can be told: of objects by their identities, of others only where all are the same.
func (d *differ) compareMatching(at rawjson.Pointer, before, after [][]byte) bool {
	isObject := func(element []byte) bool { return element[0] == '{' }
	isOther := func(element []byte) bool { return !isObject(element) }
	switch {
	case !slices.ContainsFunc(before, isObject) && !slices.ContainsFunc(after, isObject):
		sorted := func(all [][]byte) [][]byte { return slices.SortedFunc(slices.Values(all), bytes.Compare) }
		if !slices.EqualFunc(sorted(before), sorted(after), bytes.Equal) {
			return false
		}
		d.add(at, nil, nil)
		return true
	case slices.ContainsFunc(before, isOther) || slices.ContainsFunc(after, isOther):
		return false
	}

	partners, identified := match(before, after)
	if !identified {
		return false
	}

	var kept []int // places in before, in the order of after
	taken := make([]bool, len(before))
	for _, j := range partners {
		if j >= 0 {
			kept, taken[j] = append(kept, j), true
		}
	}
	if !slices.IsSorted(kept) {
		d.add(at, nil, nil)
	}

	for i, j := range partners {
		element := at.AppendToken(strconv.Itoa(i))
		if j < 0 {
			d.add(element, nil, after[i])
		} else {
			d.compare(element, before[j], after[i])
		}
	}
	for j, element := range before {
		if !taken[j] {
			d.add(at.AppendToken(strconv.Itoa(j)), element, nil)
		}
	}

	return true
}

// match returns for each element of after the place of the same one in before, -1 for
// none, and whether an identity told so for one at least. Those that are left and have
// the same place are one that was replaced.
func match(before, after [][]byte) (partners []int, identified bool) {
	partners = slices.Repeat([]int{-1}, len(after))
	free := slices.Repeat([]bool{true}, len(before))
	for _, name := range identities() {
		places := placesBy(name, before, func(j int) bool { return free[j] })
		for value, i := range placesBy(name, after, func(i int) bool { return partners[i] < 0 }) {
			if j, ok := places[value]; ok && i >= 0 && j >= 0 {
				partners[i], free[j], identified = j, false, true
			}
		}
	}

	for i := range min(len(before), len(after)) {
		if partners[i] < 0 && free[i] {
			partners[i], free[i] = i, false
		}
	}

	return partners, identified
}

// placesBy returns the places of elements by the text of a member, -1 for a text that
// several have.
func placesBy(name string, elements [][]byte, wanted func(int) bool) map[string]int {
	places := map[string]int{}
	for i, element := range elements {
		if !wanted(i) {
			continue
		}
		for key, value := range rawjson.Members(element) {
			if value[0] != '"' || len(value) == len(`""`) || decodeString(key) != name {
				continue
			}
			if _, twice := places[string(value)]; twice {
				i = -1
			}
			places[string(value)] = i
			break
		}
	}
	return places
}
