package change

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

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
	return plain(hardware.Parse(op.Old)) == plain(hardware.Parse(op.New))
}

func isCost(member string) bool {
	return strings.HasPrefix(member, "su_") || strings.Contains(member, "cost")
}

// plain is a value without what only its form says: capitals, punctuation, the endings of
// companies' names, and whether a number is written as a text. Nothing, an empty text and
// an empty list are the same.
func plain(v hardware.Value) string {
	var parts []string
	switch v.Kind {
	case hardware.Object:
		for _, m := range v.Members {
			if text := plain(m.Value); text != "" {
				parts = append(parts, m.Name+":"+text)
			}
		}
		slices.Sort(parts)
	case hardware.Array:
		for _, e := range v.Elements {
			parts = append(parts, plain(e))
		}
	default:
		return plainText(v.String())
	}
	return strings.Join(parts, ",")
}

// plainText is the same of a text or a number.
func plainText(text string) string {
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}

	text = strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(text), "(r)", " "), "(tm)", " ")
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '.'
	})
	for i := range words {
		words[i] = strings.Trim(words[i], ".")
	}

	isEnding := func(word string) bool { return slices.Contains([]string{"inc", "corp", "corporation", "ltd"}, word) }
	return strings.Join(slices.DeleteFunc(words, isEnding), "")
}
