package change

import (
	"slices"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// identities are the members that tell one device of a list from the others, the surest
// first.
func identities() []string { return []string{"serial", "mac", "wwn", "device"} }

// compareMatching compares two arrays by what their elements are. It reports whether that
// can be told: of objects by their identities, of others only where all say the same.
func (d *differ) compareMatching(at rawjson.Pointer, before, after [][]byte) bool {
	isOther := func(element []byte) bool { return element[0] != '{' }
	partners, known := []int(nil), false
	if slices.ContainsFunc(before, isOther) || slices.ContainsFunc(after, isOther) {
		partners, known = matchSame(before, after)
	} else {
		partners, known = match(before, after)
	}
	if !known {
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

	var left, new [][]byte // whose partners are not known
	var leftAt, newAt []int
	for j := range before {
		if free[j] {
			left, leftAt = append(left, before[j]), append(leftAt, j)
		}
	}
	for i := range after {
		if partners[i] < 0 {
			new, newAt = append(new, after[i]), append(newAt, i)
		}
	}
	if same, ok := matchSame(left, new); ok && len(new) > 0 {
		for n, j := range same {
			partners[newAt[n]] = leftAt[j]
		}
		return partners, true
	}

	for i := range min(len(before), len(after)) {
		if partners[i] < 0 && free[i] {
			partners[i], free[i] = i, false
		}
	}

	return partners, identified
}

// matchSame returns for each element of after the place of one in before that says the
// same; false if there is not one for each.
func matchSame(before, after [][]byte) (partners []int, ok bool) {
	if len(before) != len(after) {
		return nil, false
	}
	places := map[string][]int{}
	for j, element := range before {
		says := saying(hardware.Parse(element))
		places[says] = append(places[says], j)
	}
	for _, element := range after {
		says := saying(hardware.Parse(element))
		found := places[says]
		if len(found) == 0 {
			return nil, false
		}
		partners, places[says] = append(partners, found[0]), found[1:]
	}
	return partners, true
}

// placesBy returns the places of elements by the text of a member, whatever its capitals, -1
// for a text that several have.
func placesBy(name string, elements [][]byte, wanted func(int) bool) map[string]int {
	places := map[string]int{}
	for i, element := range elements {
		if !wanted(i) {
			continue
		}
		for key, value := range rawjson.Members(element) {
			if decodeString(key) != name {
				continue
			}
			if text := strings.ToLower(hardware.Parse(value).String()); text != "" {
				if _, twice := places[text]; twice {
					i = -1
				}
				places[text] = i
			}
			break
		}
	}
	return places
}
