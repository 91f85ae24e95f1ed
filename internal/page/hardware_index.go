package page

import (
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Index is the file that the browser's script filters: each column of the list
// as an array, with texts that repeat as numbers of a list of names, and what
// the columns are.
func (h *Hardware) Index() []byte {
	var b rawjson.Builder
	b.BeginObject()
	b.Key("total")
	b.Int(len(h.nodes))

	b.Key("uid")
	b.BeginArray()

	for _, n := range h.nodes {
		b.String(n.UID)
	}

	b.EndArray()
	b.Key("name")
	b.BeginArray()

	for _, n := range h.nodes {
		b.String(n.Label())
	}

	b.EndArray()
	b.Key("pages")
	b.BeginArray()

	for _, name := range h.distinct(hardware.Properties().Index("node_type")) {
		b.String(h.renderer.typePage(name))
	}

	b.EndArray()

	columns := h.columns()
	b.Key("properties")
	b.BeginArray()

	for _, row := range columns {
		describe(&b, &hardware.Properties()[row])
	}

	b.EndArray()
	for _, row := range columns {
		h.column(&b, row)
	}

	b.EndObject()
	return b.Bytes()
}

// columns are the rows of properties that have a column. One that is in no table
// is left out where no node has a value.
func (h *Hardware) columns() (rows []int) {
	properties := hardware.Properties()
	for row := range properties {
		p := &properties[row]
		says := func(n *node) bool {
			f := n.Facts[row]
			return f.Number != 0 || f.Text() != p.Default
		}
		if p.Column != "" && (p.List || slices.ContainsFunc(h.nodes, says)) {
			rows = append(rows, row)
		}
	}

	return rows
}

// describe writes what the scripts need to know of a column.
func describe(b *rawjson.Builder, p *hardware.Property) {
	text := func(key, value string) {
		if value != "" {
			b.Key(key)
			b.String(value)
		}
	}

	truth := func(key string, value bool) {
		if value {
			b.Key(key)
			b.Bool(true)
		}
	}

	b.BeginObject()
	text("column", p.Column)
	text("title", p.Title)
	text("kind", p.Kind.String())
	text("search", p.Search)
	text("min", p.Min)

	if len(p.Steps) > 0 {
		b.Key("steps")
		b.BeginArray()
		for _, step := range p.Steps {
			b.Int(int(step))
		}
		b.EndArray()
	}

	if len(p.Choices) > 0 {
		b.Key("labels")
		b.BeginObject()
		for _, c := range p.Choices {
			text(c.Value, c.Label)
		}
		b.EndObject()
	}

	truth("open", p.Open)
	truth("words", p.Words)
	truth("list", p.List)
	b.EndObject()
}

// column writes the values of a property's row.
func (h *Hardware) column(b *rawjson.Builder, row int) {
	p := &hardware.Properties()[row]
	b.Key(p.Column)

	if p.Kind == hardware.KindText || p.Kind == hardware.KindSet {
		h.texts(b, row)
		return
	}

	b.BeginArray()
	for _, n := range h.nodes {
		b.Int(int(n.Facts[row].Number))
	}

	b.EndArray()
}

// textsOf returns the texts of all nodes in a row, sorted and spelled alike. A
// node without any has "" where others have at most one.
func (h *Hardware) textsOf(row int) (of [][]string, several bool) {
	properties := hardware.Properties()
	spelling := properties.Spelling(row, h.read)
	several = properties[row].Kind == hardware.KindSet

	for _, n := range h.nodes {
		texts := slices.Clone(n.Facts[row].Texts)
		for i, text := range texts {
			texts[i] = spelling(text)
		}
		slices.Sort(texts)
		of = append(of, texts)
		several = several || len(texts) > 1
	}

	if !several {
		for i, texts := range of {
			of[i] = append(texts, "")[:1]
		}
	}

	return of, several
}

// distinct lists the texts of a row, sorted.
func (h *Hardware) distinct(row int) []string {
	of, _ := h.textsOf(row)
	names := slices.Concat(of...)
	slices.Sort(names)
	return slices.Compact(names)
}

// texts writes a column of texts, which repeat: the names, and of each node its
// name's number. Where nodes have several, their sets repeat, too.
func (h *Hardware) texts(b *rawjson.Builder, row int) {
	of, several := h.textsOf(row)
	names := h.distinct(row)
	at := make(map[string]int, len(names))

	b.BeginObject()
	b.Key("names")
	b.BeginArray()

	for i, name := range names {
		at[name] = i
		b.String(name)
	}

	b.EndArray()

	numbers := make([]int, len(of))
	if several {
		b.Key("sets")
		b.BeginArray()
		known := map[string]int{} // a set, as one text → its number

		for i, texts := range of {
			key := strings.Join(texts, "\x00")
			number, ok := known[key]
			if !ok {
				number = len(known)
				known[key] = number
				b.BeginArray()
				for _, text := range texts {
					b.Int(at[text])
				}
				b.EndArray()
			}

			numbers[i] = number
		}

		b.EndArray()
	} else {
		for i, texts := range of {
			numbers[i] = at[texts[0]]
		}
	}

	b.Key("of")
	b.BeginArray()

	for _, n := range numbers {
		b.Int(n)
	}

	b.EndArray()
	b.EndObject()
}
