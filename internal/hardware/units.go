package hardware

import (
	"math"
	"strconv"
	"strings"
)

// scale is how numbers are written with a unit: each unit is by times the one before it.
type scale struct {
	by    float64
	units []string
}

// scales returns the scales of a kind's numbers: first the one for display, then others
// that people write. It returns none for numbers without a unit.
func (k PropertyKind) scales() []scale {
	binary := scale{1024, []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}}
	decimal := scale{1000, []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}}
	switch k {
	case KindBinaryBytes:
		return []scale{binary, decimal}
	case KindBytes:
		return []scale{decimal, binary}
	case KindHertz:
		return []scale{{1000, []string{"Hz", "kHz", "MHz", "GHz", "THz", "PHz", "EHz"}}}
	case KindBitRate:
		return []scale{
			{1000, []string{"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s", "Ebit/s"}},
			{1000, []string{"bps", "kbps", "Mbps", "Gbps", "Tbps", "Pbps", "Ebps"}},
		}
	}
	return nil
}

// Unit formats a number with its unit: 192 GiB, 480 GB, 2.6 GHz, 25 Gbit/s; 0 as "".
func (k PropertyKind) Unit(n int64) string {
	if all := k.scales(); len(all) > 0 {
		return all[0].format(n)
	}
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// format formats a number with at most three significant digits and the largest
// unit that keeps it at 1 or more; 0 and less as "".
func (s scale) format(n int64) string {
	if n <= 0 {
		return ""
	}

	f, units := float64(n), s.units
	for f >= s.by && len(units) > 1 {
		f, units = f/s.by, units[1:]
	}

	digits := 0
	switch {
	case f < 10:
		digits = 2
	case f < 100:
		digits = 1
	}

	text := strconv.FormatFloat(f, 'f', digits, 64)
	if digits > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}

	return text + "\u00a0" + units[0]
}

// factor returns what one of a unit is, in any letter case. A prefix alone (`128G`) is a
// unit of display.
func (k PropertyKind) factor(unit string) (float64, bool) {
	for _, s := range k.scales() {
		factor := 1.0
		for i, u := range s.units {
			if strings.EqualFold(unit, u) || i > 0 && strings.EqualFold(unit, u[:1]) {
				return factor, true
			}
			factor *= s.by
		}
	}
	return 0, false
}

// parse reads a number that may have a unit, with a space before it or none. bare means
// that there is no unit.
func (k PropertyKind) parse(text string) (n int64, bare, ok bool) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true, n >= 0
	}

	digits := len(text) - len(strings.TrimLeft(text, "0123456789."))
	f, err := strconv.ParseFloat(text[:digits], 64)
	factor, known := k.factor(strings.TrimLeft(text[digits:], " \u00a0"))
	f *= factor
	switch {
	case err != nil || !known || f > 1<<63:
		return 0, false, false
	case f == 1<<63: // the largest number is displayed so
		return math.MaxInt64, false, true
	}
	return int64(math.Round(f)), false, true
}
