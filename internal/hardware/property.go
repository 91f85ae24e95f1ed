package hardware

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// PropertyKind is what the values of a property are.
type PropertyKind int

// The kinds of properties.
const (
	KindText        PropertyKind = iota
	KindSet                      // several words
	KindFlag                     // yes or no
	KindCount                    // how many
	KindBinaryBytes              // bytes, as memory is sold: a GiB is 1024 MiB
	KindBytes                    // bytes, as storage is sold: a TB is 1000 GB
	KindHertz                    // cycles a second
	KindBitRate                  // bits a second
)

// IsNumber reports whether the values are numbers.
func (k PropertyKind) IsNumber() bool { return k >= KindCount }

// String is the kind's name in documents.
func (k PropertyKind) String() string {
	return [...]string{"text", "set", "flag", "count", "binary bytes", "bytes", "hertz", "bits per second"}[k]
}

// Unit writes a number with its unit; 0 is "".
func (k PropertyKind) Unit(n int64) string {
	switch {
	case n == 0:
		return ""
	case k == KindBinaryBytes:
		return Binary(n)
	case k == KindBytes:
		return Decimal(n)
	case k == KindHertz:
		return Frequency(n)
	case k == KindBitRate:
		return Rate(n)
	}
	return strconv.FormatInt(n, 10)
}

// Fold is how the values of several devices become one.
type Fold int

// The folds.
const (
	First Fold = iota
	Sum
	Max
	Count // of the values that count as true
	Union // of texts, each once whatever its case
)

// Match is how a search compares a text.
type Match int

// The matches.
const (
	Exactly  Match = iota
	AnyCase        // but for upper and lower case
	Contains       // a part of the text, in any case
)

// Choice is one of the only values that a text may have.
type Choice struct{ Value, Label string }

// Property is something to know about a node's machine.
type Property struct {
	Name  string // by which code asks for it
	Title string // on pages
	About string // in documents: what the value is
	Note  string // in documents of the API: a sentence more, "" for none
	Kind  PropertyKind

	// At are pointers into a node's file (see [Value.At]): the first at which
	// there is anything counts. Where pointers do not do, From reads the value.
	At    []string
	From  func(n *Node) Fact
	Fold  Fold
	Truth func(Value) bool // of a flag: which values say yes; nil: those of [Value.Flag]

	// AliasOf names the property that this one is another name of.
	AliasOf string

	// The names under which the property shows; "" where it does not.
	Search string // a parameter: nodes with a value that matches
	Min    string // a parameter: nodes with at least so much
	Sort   string // a key of the parameter sort
	CSV    string // a column of nodes.csv, which are in the order of the rows
	Facet  string // a member of /nodes/facets
	Column string // a column of the file that the hardware browser reads

	// ListSort is the column by which tables of nodes are ordered where one asks for
	// this one; "" for this one.
	ListSort string

	// How searches and the form of the hardware browser ask.
	Match   Match
	Choices []Choice // the only texts
	Signed  bool     // Min takes negative numbers, which all nodes have
	Example string   // of a value that one asks for
	Steps   []int64  // of Min, in the form
	Open    bool     // the form shows the values from the start
	Default string   // a text: where no node has another one, the form leaves the property out

	// Where else it shows.
	Words   bool // words are looked for in it, by the parameter q
	List    bool // in tables of nodes
	Summary bool // at a glance, on pages of nodes and types, and so in comparisons
}

// Fact is the value of a property: a number (1 for a flag that is set), or
// texts.
type Fact struct {
	Number int64
	Texts  []string
}

// String is the value as programs read it.
func (p *Property) String(f Fact) string {
	switch {
	case p.Kind == KindFlag:
		return strconv.FormatBool(f.Number != 0)
	case p.Kind.IsNumber():
		return strconv.FormatInt(f.Number, 10)
	case p.Kind == KindSet:
		return strings.Join(f.Texts, " ")
	}
	return strings.Join(f.Texts, "; ")
}

// Display is the value as people read it; "" for nothing, and for no.
func (p *Property) Display(f Fact) string {
	switch {
	case p.Kind == KindFlag && f.Number != 0:
		return "yes"
	case p.Kind == KindFlag:
		return ""
	case p.Kind.IsNumber():
		return p.Kind.Unit(f.Number)
	}

	if len(p.Choices) > 0 {
		return p.label(f.Text())
	}
	return p.String(f)
}

// label is how people read one of the choices; "" for the default.
func (p *Property) label(value string) string {
	i := slices.IndexFunc(p.Choices, func(c Choice) bool { return c.Value == value })
	if i < 0 || value == p.Default {
		return ""
	}
	return p.Choices[i].Label
}

// Text is the only text, or all, one after the other.
func (f Fact) Text() string {
	if len(f.Texts) == 1 {
		return f.Texts[0]
	}
	return strings.Join(f.Texts, "; ")
}

// Matches reports whether one of the texts is as a search wants it.
func (p *Property) Matches(f Fact, want string) bool {
	for _, text := range f.Texts {
		switch p.Match {
		case Exactly:
			if text == want {
				return true
			}
		case AnyCase:
			if strings.EqualFold(text, want) {
				return true
			}
		case Contains:
			if strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
				return true
			}
		}
	}
	return false
}

// Table is a list of properties, in the order in which they show.
type Table []Property

// Facts are a node's values, in the order of the table's rows.
type Facts []Fact

// Index is the row of a property. It panics where there is none: names are
// written in code.
func (t Table) Index(name string) int {
	for i := range t {
		if t[i].Name == name {
			return i
		}
	}
	panic(fmt.Sprintf("hardware: no property %q", name))
}

// Read reads a node's values.
func (t Table) Read(n *Node) Facts {
	facts := make(Facts, len(t))
	for i := range t {
		facts[i] = t[i].read(n)
	}
	return facts
}

func (p *Property) read(n *Node) Fact {
	if p.From != nil {
		return p.From(n)
	}

	var found []Value
	for _, pointer := range p.At {
		if found = n.Values.At(pointer); len(found) > 0 {
			break
		}
	}

	switch {
	case p.Kind == KindFlag:
		return flagFact(slices.ContainsFunc(found, p.isTrue))
	case p.Kind.IsNumber():
		return Fact{Number: p.Fold.number(found)}
	}

	return Fact{Texts: p.Fold.texts(found)}
}

func (p *Property) isTrue(v Value) bool {
	if p.Truth != nil {
		return p.Truth(v)
	}
	return v.Flag()
}

// DisplayValue is a value of a node's file as people read it, if it is where the
// property is found.
func (p *Property) DisplayValue(v Value) string {
	switch {
	case p.Kind == KindFlag && p.isTrue(v):
		return "yes"
	case p.Kind == KindFlag:
		return "no"
	case p.Kind.IsNumber() && v.Int() > 0:
		return p.Kind.Unit(v.Int())
	}
	return v.String()
}

func flagFact(is bool) Fact {
	if is {
		return Fact{Number: 1}
	}
	return Fact{}
}

func textFact(text string) Fact {
	if text == "" {
		return Fact{}
	}
	return Fact{Texts: []string{text}}
}

// number folds numbers. A sum leaves out what it could not hold.
func (f Fold) number(values []Value) (n int64) {
	for _, v := range values {
		switch f {
		case Sum:
			if more := v.Int(); more <= 1<<62-n {
				n += more
			}

		case Max:
			n = max(n, v.Int())
		case Count:
			if v.True() {
				n++
			}

		default:
			if n == 0 {
				n = v.Int()
			}
		}
	}
	return n
}

// texts folds texts; empty ones are left out.
func (f Fold) texts(values []Value) (texts []string) {
	for _, v := range values {
		text := v.String()
		if text == "" || slices.ContainsFunc(texts,
			func(known string) bool { return strings.EqualFold(known, text) }) {
			continue
		}
		if texts = append(texts, text); f != Union {
			break
		}
	}
	return texts
}
