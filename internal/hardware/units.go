package hardware

import (
	"strconv"
	"strings"
)

// Unit formats a number with its unit: 192 GiB, 480 GB, 2.6 GHz, 25 Gbit/s; 0 as "".
func (k PropertyKind) Unit(n int64) string {
	switch k {
	case KindBinaryBytes:
		return scaled(n, 1024, "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
	case KindBytes:
		return scaled(n, 1000, "B", "kB", "MB", "GB", "TB", "PB", "EB")
	case KindHertz:
		return scaled(n, 1000, "Hz", "kHz", "MHz", "GHz", "THz", "PHz", "EHz")
	case KindBitRate:
		return scaled(n, 1000, "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s", "Ebit/s")
	}
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// scaled formats a number with at most three significant digits and the largest
// unit that keeps it at 1 or more; 0 and less as "".
func scaled(n int64, by float64, units ...string) string {
	if n <= 0 {
		return ""
	}

	f := float64(n)
	for f >= by && len(units) > 1 {
		f, units = f/by, units[1:]
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
