package page

import (
	"html/template"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chameleoncloud/refapi/internal/hardware"
)

// section is a part of a node's file in human-readable form: facts, or a table.
type section struct {
	Title   string
	Facts   []fact
	Columns []string
	Rows    [][]string
}

// maxColumns bounds tables: rows that have nothing in common make a table with
// a column for each of their members.
const maxColumns = 24

// omitted are members of a node that its page shows elsewhere.
var omitted = []string{"uid", "type", "node_name", "node_type", "admin_note"}

// sections renders the complete file of a node.
func (h *Hardware) sections(n *node) ([]template.HTML, error) {
	type ranked struct {
		rank int
		html template.HTML
	}

	var parts []ranked
	others := section{Title: "Other"}
	for _, m := range n.Values().Members {
		s := readSection(m)
		switch {
		case slices.Contains(omitted, m.Name):
			continue
		case s.Title == "":
			others.Facts = append(others.Facts, s.Facts...)
			continue
		}

		var key any
		if len(s.Rows) == 0 { // tables have serial numbers: hardly two nodes have the same
			key = m.Name + "\x00" + string(n.File.Get(m.Name))
		}

		html, err := h.once(key, "hardware-part", func() any { return s })
		if err != nil {
			return nil, err
		}
		parts = append(parts, ranked{rank(s.Title), html})
	}

	if len(others.Facts) > 0 {
		html, err := h.once(nil, "hardware-part", func() any { return others })
		if err != nil {
			return nil, err
		}
		parts = append(parts, ranked{rank(others.Title), html})
	}

	slices.SortStableFunc(parts, func(a, b ranked) int { return a.rank - b.rank })
	all := make([]template.HTML, len(parts))
	for i, p := range parts {
		all[i] = p.html
	}

	return all, nil
}

// readSection reads a member of a node's file. One that is not a section of its
// own has no title, and at most one fact.
func readSection(m hardware.Member) section {
	switch {
	case m.Kind == hardware.Object && len(m.Members) > 0:
		return section{Title: title(m.Name), Facts: facts(m.Name, "", m.Value)}
	case m.Kind == hardware.Array && isTable(m.Value):
		return table(m)
	}

	if t := text(m.Name, m.Name, m.Value); t != "" {
		return section{Facts: []fact{{Name: title(m.Name), Text: t}}}
	}
	return section{}
}

// sectionOrder has the titles of the sections that come first.
var sectionOrder = []string{
	"Architecture", "Processor", "Main memory", "GPU", "FPGA",
	"Storage devices", "Network adapters", "Placement", "Chassis", "BIOS",
}

func rank(title string) int {
	if i := slices.Index(sectionOrder, title); i >= 0 {
		return i
	}
	return len(sectionOrder)
}

// facts lists an object's members; those of objects in it with the name of
// both.
func facts(section, above string, v hardware.Value) []fact {
	var rows []fact
	for _, m := range v.Members {
		// Numbers are shown with units of our own.
		if number, ok := strings.CutPrefix(m.Name, "humanized_"); ok && v.Get(number).Int() > 0 {
			continue
		}
		name := above + memberTitle(section, m.Name)
		if m.Kind == hardware.Object && len(m.Members) > 0 && above == "" {
			rows = append(rows, facts(section, name+": ", m.Value)...)
		} else if t := text(section, m.Name, m.Value); t != "" {
			rows = append(rows, fact{Name: name, Text: t, IsKey: section == extraSpecs})
		}
	}

	return rows
}

// isTable reports whether all of an array are objects with few names.
func isTable(v hardware.Value) bool {
	names := map[string]bool{}
	for _, e := range v.Elements {
		if e.Kind != hardware.Object {
			return false
		}
		for _, m := range e.Members {
			names[m.Name] = true
		}

		if len(names) > maxColumns {
			return false
		}
	}

	return len(names) > 0
}

// leadingColumns are the columns of a table that come first.
var leadingColumns = []string{"device", "name", "interface", "size", "rate", "media_type", "vendor", "model"}

// table writes an array of objects. Columns without any text are left out.
func table(m hardware.Member) section {
	s := section{Title: title(m.Name)}
	names := slices.Clone(leadingColumns)
	used := map[string]bool{}

	for _, e := range m.Elements {
		for _, c := range e.Members {
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
			used[c.Name] = used[c.Name] || text(m.Name, c.Name, c.Value) != ""
		}
	}

	names = slices.DeleteFunc(names, func(name string) bool {
		return !used[name] || strings.HasPrefix(name, "humanized_") && used[strings.TrimPrefix(name, "humanized_")]
	})
	for _, name := range names {
		s.Columns = append(s.Columns, title(name))
	}

	for _, e := range m.Elements {
		row := make([]string, len(names))
		for _, c := range e.Members {
			if i := slices.Index(names, c.Name); i >= 0 {
				row[i] = text(m.Name, c.Name, c.Value)
			}
		}
		s.Rows = append(s.Rows, row)
	}

	return s
}

// text writes a value with its unit, which follows from its name and that of
// the section that it is in. "" is for nothing.
func text(section, name string, v hardware.Value) string {
	switch v.Kind {
	case hardware.None:
		return ""
	case hardware.Object, hardware.Array:
		return listText(v)
	}

	if p := hardware.PropertyAt(section, name); p != nil {
		return p.DisplayValue(v)
	}

	switch v.String() {
	case "true":
		return "yes"
	case "false":
		return "no"
	}

	if size := hardware.KindBinaryBytes.Unit(v.Int()); section == "processor" && strings.HasPrefix(name, "cache_") && size != "" {
		return size
	}

	return v.String()
}

// listText writes a list of texts with commas, and any other object or array as
// JSON.
func listText(v hardware.Value) string {
	if len(v.Members)+len(v.Elements) == 0 {
		return ""
	}

	var words []string
	for _, e := range v.Elements {
		if e.String() == "" {
			return v.Text
		}
		words = append(words, e.String())
	}

	if words == nil {
		return v.Text
	}

	return strings.Join(words, ", ")
}

// titles are names of members that are not written as [title] would.
var titles = map[string]string{
	"bios": "BIOS", "gpu": "GPU", "fpga": "FPGA", "mac": "MAC", "wwn": "WWN", "rev": "Revision",
	"ram_size": "Size", "size": "Size", "media_type": "Media",
	"smp_size": "Processors", "smt_size": "Threads", "platform_type": "Platform", "infiniband": "InfiniBand",
	"cache_l1": "L1 cache", "cache_l1d": "L1 data cache", "cache_l1i": "L1 instruction cache",
	"cache_l2": "L2 cache", "cache_l3": "L3 cache",
	"gpu_allocation": "Allocation", "gpu_mig_profile": "MIG profile", "openstack_properties": "OpenStack properties",
	"gpu_count": "Count", "gpu_model": "Model", "gpu_vendor": "Vendor", "gpu_name": "Name",
}

// extraSpecs is the member of a flavor whose members are named by OpenStack.
const extraSpecs = "openstack_properties"

// memberTitle is the title of a member within another one of the file. What OpenStack names is
// an identifier, and stays as it is.
func memberTitle(top, name string) string {
	if top == extraSpecs {
		return name
	}
	return title(name)
}

// title is the human-readable name of a member: "Rear panel" for rear_panel.
func title(name string) string {
	if known, ok := titles[name]; ok {
		return known
	}
	name = strings.ReplaceAll(name, "_", " ")
	r, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r)) + name[n:]
}
