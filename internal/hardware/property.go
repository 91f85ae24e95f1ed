package hardware

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unique"
)

// PropertyKind is the type of a property's values.
type PropertyKind int

// The kinds of properties.
const (
	KindText        PropertyKind = iota
	KindSet                      // several words
	KindFlag                     // yes or no
	KindCount                    // how many
	KindBinaryBytes              // bytes, as memory is sold: a GiB is 1024 MiB
	KindBytes                    // bytes, as storage is sold: a TB is 1000 GB
	KindHertz                    // cycles per second
	KindBitRate                  // bits per second
)

// IsNumber reports whether the values are numbers.
func (k PropertyKind) IsNumber() bool { return k >= KindCount }

// String returns the kind's name in documents.
func (k PropertyKind) String() string {
	return [...]string{"text", "set", "flag", "count", "binary bytes", "bytes", "hertz", "bits per second"}[k]
}

// Fold is how the values of several devices are combined.
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
	Exactly   Match = iota
	AnyCase         // ignoring case
	Contains        // a substring, ignoring case; in quotation marks, the whole text
	LastWords       // the text or its last words, ignoring case
)

// Choice is one of a fixed set of values.
type Choice struct{ Value, Label string }

// Property is a property of a node's machine.
type Property struct {
	Name  string // in code
	Title string // on pages
	About string // description in documents
	Note  string // additional sentence in the API's documents, or ""
	Kind  PropertyKind

	// At has pointers into a node's file (see [Value.At]); the first one that finds
	// a value wins. From, if set, reads the value instead.
	At    []string
	Join  []string // members of the devices that At finds, whose texts are joined
	From  func(n *Node) Fact
	Fold  Fold
	Truth func(Value) bool // of a flag: which values are true; by default [Value.True]

	// Within is the name of the flag without which the property does not apply: a node that
	// is said to have no GPU states nothing about its model, and leaves nothing open.
	Within string

	// AliasOf is the name of the property with the same value, if there is one.
	AliasOf string

	// The names under which the property is exposed, "" for nowhere.
	Search string // a parameter: nodes with a value that matches
	Min    string // a parameter: nodes with at least this value
	Range  string // a parameter: nodes with a number in a range, see [Property.ParseSpan]
	Sort   string // a key of the parameter sort
	CSV    string // a column of nodes.csv, in the order of the rows
	Facet  string // a member of /nodes/facets
	Column string // a column of the index of the hardware browser

	// ListSort is the column by which tables of nodes are sorted in place of this
	// one, or "".
	ListSort string

	// How searches and the form of the hardware browser filter.
	Match   Match
	Choices []Choice // the only values, if the set is fixed; their labels on pages
	Signed  bool     // Min accepts negative numbers, which match all nodes
	Zero    bool     // of a number: 0 means none, not that it is unknown
	Example string   // value in examples of the API

	RangeExample string  // the same of Range
	Steps        []int64 // choices of Min in the form
	Open         bool    // the form shows the values initially
	Default      string  // if no node has another value, the form omits the property

	// Where else it is used.
	Words   bool // the parameter q searches it
	List    int  // place in tables of nodes, 0 for none; others the reader may add
	Summary bool // in the summary on pages of nodes and types, and in comparisons
}

// Fact is the value of a property: a number (of a flag 1 for yes, 0 for no, or
// Unstated), or texts: nil where a node's file does not state them, and empty where a
// property does not apply, also of a number.
type Fact struct {
	Number int64
	Texts  []string
}

// Unstated is the number of a flag of which a node's file does not say whether it holds.
const Unstated = -1

// Filters of what a file states, in place of a value.
const (
	IsUnstated    = "unstated"     // nothing
	IsStatedFalse = "stated_false" // of a flag: that it does not hold
)

// IsStated reports whether a node's file states a property. A number that is 0 where that
// means none does not tell: it counts as stated.
func (p *Property) IsStated(f Fact) bool {
	switch {
	case p.Kind == KindFlag:
		return f.Number != Unstated
	case p.Kind.IsNumber():
		return f.Number != 0 || p.Zero || f.Texts != nil
	}
	return f.Texts != nil
}

// String returns the machine-readable value.
func (p *Property) String(f Fact) string {
	switch {
	case p.Kind == KindFlag:
		return strconv.FormatBool(f.Number > 0)
	case p.Kind.IsNumber():
		return strconv.FormatInt(f.Number, 10)
	case p.Kind == KindSet:
		return strings.Join(f.Texts, " ")
	}
	return f.Text()
}

// Display returns the human-readable value; "" for none, and for false.
func (p *Property) Display(f Fact) string {
	switch {
	case p.Kind == KindFlag && f.Number > 0:
		return "yes"
	case p.Kind == KindFlag:
		return ""
	case p.Kind.IsNumber():
		return p.Kind.Unit(f.Number)
	}

	if len(p.Choices) > 0 {
		return p.labels(f.Texts)
	}
	return p.String(f)
}

// labels returns the labels of choices; "" for the default.
func (p *Property) labels(values []string) string {
	var labels []string
	for _, c := range p.Choices {
		if c.Value != p.Default && slices.Contains(values, c.Value) {
			labels = append(labels, c.Label)
		}
	}
	return strings.Join(labels, ", ")
}

// Text returns the texts, joined.
func (f Fact) Text() string {
	return strings.Join(f.Texts, "; ")
}

// Matches reports whether a flag, or one of the texts, matches a search.
func (p *Property) Matches(f Fact, want string) bool {
	if p.Kind == KindFlag {
		return want == IsUnstated && f.Number == Unstated || want == IsStatedFalse && f.Number == 0 ||
			want == strconv.FormatBool(f.Number > 0)
	}
	if want == IsUnstated && f.Texts == nil {
		return true
	}

	return slices.ContainsFunc(f.Texts, func(text string) bool {
		switch p.Match {
		case AnyCase:
			return strings.EqualFold(text, want)
		case Contains:
			if whole, ok := quoted(want); ok {
				return strings.EqualFold(text, whole)
			}
			return strings.Contains(strings.ToLower(text), strings.ToLower(want))
		case LastWords:
			return strings.HasSuffix(" "+strings.ToLower(text), " "+strings.ToLower(want))
		}
		return text == want
	})
}

// quoted returns a text without the quotation marks around it, if it has some.
func quoted(text string) (string, bool) {
	if len(text) > 2 && text[0] == '"' && text[len(text)-1] == '"' {
		return text[1 : len(text)-1], true
	}
	return "", false
}

// Table is a list of properties, in order of display.
type Table []Property

// Facts are a node's values, in the order of the table's rows.
type Facts []Fact

// Index returns the row of a property. It panics for an unknown name, since names
// are written in code.
func (t Table) Index(name string) int {
	for i := range t {
		if t[i].Name == name {
			return i
		}
	}
	panic(fmt.Sprintf("hardware: no property %q", name))
}

// Listed returns the rows of the columns of tables of nodes, in their order.
func (t Table) Listed() (rows []int) {
	for row := range t {
		if t[row].List > 0 {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b int) int { return cmp.Compare(t[a].List, t[b].List) })
	return rows
}

// Read reads a node's values.
func (t Table) Read(n *Node) Facts {
	facts := make(Facts, len(t))
	for i := range t {
		f := t[i].read(n)
		if t[i].Within != "" && f.Number == 0 && f.Texts == nil && facts[t.Index(t[i].Within)].Number == 0 {
			f.Texts = []string{}
		}
		facts[i] = f
	}
	return facts
}

func (p *Property) read(n *Node) Fact {
	if p.From != nil {
		return p.From(n)
	}

	var found []Value
	for _, pointer := range p.At {
		if found = n.Values().At(pointer); len(found) > 0 {
			break
		}
	}

	if p.Join != nil {
		found = join(found, p.Join...)
	}

	switch {
	case p.Kind == KindFlag && slices.ContainsFunc(found, p.isTrue):
		return Fact{Number: 1}
	case p.Kind == KindFlag && len(found) == 0:
		return Fact{Number: Unstated}
	case p.Kind == KindFlag:
		return Fact{}
	case p.Kind.IsNumber():
		return Fact{Number: p.Fold.number(found)}
	}

	return Fact{Texts: p.Fold.texts(found)}
}

func (p *Property) isTrue(v Value) bool {
	if p.Truth != nil {
		return p.Truth(v)
	}
	return v.True()
}

// DisplayValue formats a value of a node's file that is at one of the property's
// pointers.
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

func textFact(text string) Fact {
	if text == "" {
		return Fact{}
	}
	return Fact{Texts: []string{text}}
}

// number folds numbers.
func (f Fold) number(values []Value) (n int64) {
	for _, v := range values {
		switch {
		case f == Sum:
			n = add(n, v.Int())
		case f == Max:
			n = max(n, v.Int())
		case f == Count && v.True():
			n++
		case f == First && n == 0:
			n = v.Int()
		}
	}
	return n
}

// add adds two numbers. One that would overflow the sum is left out.
func add(sum, n int64) int64 {
	if n > math.MaxInt64-sum {
		return sum
	}
	return sum + n
}

// texts folds texts; empty ones are left out. Nodes have the same ones by the thousand:
// each is kept once.
func (f Fold) texts(values []Value) (texts []string) {
	for _, v := range values {
		text := v.String()
		if text == "" || slices.ContainsFunc(texts,
			func(known string) bool { return strings.EqualFold(known, text) }) {
			continue
		}
		if texts = append(texts, unique.Make(text).Value()); f != Union {
			break
		}
	}
	return texts
}
