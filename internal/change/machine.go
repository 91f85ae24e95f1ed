package change

import (
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// machine is what tells one machine from the others, wherever its file is and whatever its
// uid: what its makers gave it.
type machine struct {
	serial string   // of its chassis, "" where that tells nothing
	macs   []string // of its adapters, sorted, without separators
}

// machineOf reads it from the file of a node.
func machineOf(text []byte) (m machine) {
	for key, value := range rawjson.Members(text) {
		switch decodeString(key) {
		case "chassis":
			if value[0] == '{' {
				m.serial = plausibleSerial(textMember(value, "serial"))
			}
		case "network_adapters":
			if value[0] != '[' {
				continue
			}
			for adapter := range rawjson.Elements(value) {
				if adapter[0] != '{' {
					continue
				}
				if mac := plausibleMAC(textMember(adapter, "mac")); mac != "" {
					m.macs = append(m.macs, mac)
				}
			}
		}
	}

	slices.Sort(m.macs)
	m.macs = slices.Compact(m.macs)
	return m
}

// plausibleSerial is a serial number, "" for a text that stands in for one: "Unknown",
// "empty", 123456789 and xxxxxxxxxx are in real files.
func plausibleSerial(text string) string {
	text = strings.ToUpper(strings.TrimSpace(text))
	const least, most = 5, 40
	isPlain := func(r rune) bool {
		return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-')
	}
	switch {
	case len(text) < least || len(text) > most, !strings.ContainsFunc(text, unicode.IsDigit),
		strings.ContainsFunc(text, func(r rune) bool { return !isPlain(r) }),
		strings.HasPrefix("01234567890", text), strings.HasPrefix("1234567890", text),
		strings.Trim(text, text[:1]) == "":
		return ""
	}
	return text
}

// plausibleMAC is an address that a maker gave to one adapter, as hexadecimal digits; ""
// for one that software made up, and for what is none.
func plausibleMAC(text string) string {
	digits := strings.NewReplacer(":", "", "-", "").Replace(strings.ToLower(text))
	octets, err := hex.DecodeString(digits)
	const octetsOfMAC, isShared, isLocal = 6, 1, 2
	if err != nil || len(octets) != octetsOfMAC || octets[0]&(isShared|isLocal) != 0 ||
		strings.HasPrefix(digits, "001122") || strings.HasPrefix(digits, "000000") {
		return ""
	}
	return digits
}

// maxMACs is how many addresses count: more are no machine's.
const maxMACs = 64

// encode returns the form in which it is stored, "" for what tells nothing.
func (m machine) encode() string {
	if len(m.macs) == 0 || len(m.macs) > maxMACs {
		return "" // a chassis may hold several machines
	}
	return m.serial + " " + strings.Join(m.macs, ",")
}

// decodeMachine is the inverse.
func decodeMachine(text string) machine {
	serial, macs, ok := strings.Cut(text, " ")
	if !ok {
		return machine{}
	}
	return machine{serial: serial, macs: strings.Split(macs, ",")}
}

// isSame reports whether two files are of one machine, of whose addresses so many are the
// same, and are no third one's. One adapter may have gone from a machine to another, so it
// takes half of all, or the serial number, too; where both have one, it decides.
func (m machine) isSame(other machine, shared int) bool {
	if shared == 0 || m.serial != "" && other.serial != "" && m.serial != other.serial {
		return false
	}
	return m.serial != "" && m.serial == other.serial || 2*shared >= max(len(m.macs), len(other.macs))
}

// isSurely is the same for files of which one went before the other came: adapters had the
// time to go elsewhere.
func (m machine) isSurely(other machine, shared int) bool {
	return m.isSame(other, shared) &&
		(m.serial != "" && m.serial == other.serial || shared > 1 && shared == max(len(m.macs), len(other.macs)))
}
