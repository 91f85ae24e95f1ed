package change

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/route"
)

// About is what a change of a member is about. The greater, the more it matters to whoever
// uses the resource.
type About byte

// What changes are about. The bytes are stored: they may not get another meaning.
const (
	AboutSpelling About = 's' // another form of the same: a number as text, other capitals, another order
	AboutData     About = 'd' // the record, and not the machine
	AboutNote     About = 'n' // what operators note for users
	AboutPlace    About = 'p' // rack and power
	AboutFirmware About = 'f' // versions of firmware
	AboutHardware About = 'h' // what a machine is made of, or the size of a virtual one
	AboutCost     About = 'c' // what a reservation costs
	AboutType     About = 't' // what a reservation asks for
)

// rank orders them.
func (a About) rank() int { return strings.IndexByte("sdnpfhct", byte(a)) }

// More returns the one of two that matters more.
func (a About) More(b About) About {
	if b.rank() > a.rank() {
		return b
	}
	return a
}

// About returns what an operation on the file of a resource is about.
func (op *Op) About(kind route.KindID) About {
	path := op.Path()
	top, last := path[0], path[len(path)-1]
	if op.Kind() == OpOrder || strings.HasPrefix(last, "humanized_") || op.isSpelling() {
		return AboutSpelling
	}

	switch {
	case kind == route.FlavorKind && isCost(top):
		return AboutCost
	case kind == route.FlavorKind && slices.Contains([]string{"vcpus", "ram_size", "disk_size", "gpu"}, top):
		return AboutHardware
	case kind != route.NodeKind:
		return AboutData
	case top == "node_type":
		return AboutType
	case top == "admin_note":
		return AboutNote
	case isCost(top):
		return AboutCost
	case top == "placement", top == "pdu":
		return AboutPlace
	case hardware.IsFirmware(path):
		return AboutFirmware
	case hardware.IsHardware(path):
		return AboutHardware
	}

	return AboutData
}

// isSpelling reports whether both values say the same.
func (op *Op) isSpelling() bool {
	isEmpty := func(text []byte) bool { return len(text) <= len(`""`) || string(text) == "null" }
	if len(op.Old) == 0 && !isEmpty(op.New) && op.New[0] != '[' && op.New[0] != '{' ||
		len(op.New) == 0 && !isEmpty(op.Old) && op.Old[0] != '[' && op.Old[0] != '{' {
		return false
	}
	return saysSame(hardware.Parse(op.Old), hardware.Parse(op.New))
}

func isCost(member string) bool {
	return strings.HasPrefix(member, "su_") || strings.Contains(member, "cost")
}

// saysSame reports whether two values differ in what only their form says: capitals,
// punctuation, the endings of companies' names, and whether a number is written as a text.
// Nothing, an empty text and an empty list are the same.
func saysSame(a, b hardware.Value) bool {
	switch {
	case isNothing(a) || isNothing(b):
		return isNothing(a) && isNothing(b)
	case a.Kind == hardware.Object && b.Kind == hardware.Object:
		same := func(m hardware.Member) bool { return saysSame(a.Get(m.Name), b.Get(m.Name)) }
		other := func(m hardware.Member) bool { return !same(m) }
		return !slices.ContainsFunc(a.Members, other) && !slices.ContainsFunc(b.Members, other)
	case a.Kind == hardware.Array && b.Kind == hardware.Array:
		return slices.EqualFunc(a.Elements, b.Elements, saysSame)
	case a.Kind == hardware.Array && len(a.Elements) == 1:
		return saysSame(a.Elements[0], b)
	case b.Kind == hardware.Array && len(b.Elements) == 1:
		return saysSame(a, b.Elements[0])
	case a.Kind >= hardware.Object, b.Kind >= hardware.Object:
		return false // an object is not a list
	}

	// Of two texts, each digit counts: version 1.10 is not 1.1.
	if a.Kind == hardware.Plain || b.Kind == hardware.Plain {
		x, isNumber := decimal(a.String())
		if y, ok := decimal(b.String()); ok && isNumber {
			return x == y
		}
	}
	return plainText(a.String()) == plainText(b.String())
}

func isNothing(v hardware.Value) bool {
	something := func(v hardware.Value) bool { return !isNothing(v) }
	switch v.Kind {
	case hardware.Object:
		return !slices.ContainsFunc(v.Members, func(m hardware.Member) bool { return something(m.Value) })
	case hardware.Array:
		return !slices.ContainsFunc(v.Elements, something)
	}
	return plainText(v.String()) == ""
}

// saying is a text that values have which say the same, and some others.
func saying(v hardware.Value) string {
	var parts []string
	switch v.Kind {
	case hardware.Object:
		for _, m := range v.Members {
			if !isNothing(m.Value) {
				parts = append(parts, m.Name+":"+saying(m.Value))
			}
		}
	case hardware.Array:
		for _, e := range v.Elements {
			parts = append(parts, saying(e))
		}
	default:
		if number, ok := decimal(v.String()); ok {
			return number
		}
		return plainText(v.String())
	}

	slices.Sort(parts)
	return strings.Join(parts, ",")
}

// decimal is a number in one form, however long: digits without zeros at either end, and
// the power of ten that they are multiplied by.
func decimal(text string) (number string, ok bool) {
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(text), "e")
	mantissa, isNegative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	power := 0
	if hasExponent {
		var err error
		if power, err = strconv.Atoi(exponent); err != nil {
			return "", false
		}
	}

	digits := whole + fraction
	if whole == "" || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	power -= len(fraction)
	digits = strings.TrimLeft(digits, "0")
	short := strings.TrimRight(digits, "0")
	power += len(digits) - len(short)
	switch {
	case short == "":
		return "0", true
	case isNegative:
		short = "-" + short
	}
	return short + "e" + strconv.Itoa(power), true
}

// plainText is a text without what only its form says.
func plainText(text string) string {
	text = norm.NFC.String(strings.ToLower(text))
	text = strings.ReplaceAll(strings.ReplaceAll(text, "(r)", " "), "(tm)", " ")
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) && r != '.'
	})
	isDigit := func(c byte) bool { return '0' <= c && c <= '9' }

	var plain strings.Builder
	last := byte(0)
	for _, word := range words {
		word = strings.Trim(word, ".")
		if word == "" || slices.Contains([]string{"inc", "corp", "corporation", "ltd"}, word) {
			continue
		}
		if isDigit(last) && isDigit(word[0]) { // rack 1-12 is not 11-2
			plain.WriteByte('-')
		}
		plain.WriteString(word)
		last = word[len(word)-1]
	}
	return plain.String()
}
