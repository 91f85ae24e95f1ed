package hardware

import (
	"strconv"
	"strings"
)

// Binary formats bytes of memory: 192 GiB; 0 as "".
func Binary(bytes int64) string {
	return scaled(bytes, 1024, "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
}

// Decimal formats bytes of storage: 480 GB; 0 as "".
func Decimal(bytes int64) string {
	return scaled(bytes, 1000, "B", "kB", "MB", "GB", "TB", "PB", "EB")
}

// Rate formats bits per second: 25 Gbit/s; 0 as "".
func Rate(bits int64) string {
	return scaled(bits, 1000, "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s", "Ebit/s")
}

// Frequency formats hertz: 2.6 GHz; 0 as "".
func Frequency(hertz int64) string {
	return scaled(hertz, 1000, "Hz", "kHz", "MHz", "GHz", "THz", "PHz", "EHz")
}

// scaled formats a number with at most three significant digits and the largest
// unit that keeps it at 1 or more.
func scaled(n int64, by float64, units ...string) string {
	if n <= 0 {
		return ""
	}

	f, unit := float64(n), 0
	for f >= by && unit < len(units)-1 {
		f /= by
		unit++
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

	return text + "\u00a0" + units[unit]
}
