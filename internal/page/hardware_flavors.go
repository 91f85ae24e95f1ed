package page

import (
	"cmp"
	"fmt"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// flavorRow is a flavor in a table.
type flavorRow struct {
	Name, Page          string
	UID, SiteUID        string
	Site                linkRow
	VCPUs, Memory, Disk string
	GPU                 string // with the part of it that an instance gets
	Cost                string // "" where the file states none

	texts []string // that a search looks at
}

// flavorPage is the page of a flavor.
type flavorPage struct {
	hardwarePage
	Flavor       flavorRow
	Sections     []section
	Availability string // the URL of its availability in the API
	Reserve      *reservePanel
}

// flavors are the rows of the flavors in a place.
func (h *Hardware) flavors(in inventory.Place) (rows []flavorRow) {
	for f := range h.grid.In(in, route.FlavorKind) {
		rows = append(rows, h.flavorRow(f, hardware.Parse(f.File.Text)))
	}
	return rows
}

// flavorRow is the row of a flavor, from its file.
func (h *Hardware) flavorRow(f inventory.Resource, v hardware.Value) flavorRow {
	// What operators call a size says more than our rounding: flavors are made of round ones.
	size := func(member string) string {
		named := v.Get("humanized_" + member).String()
		return cmp.Or(named, hardware.KindBinaryBytes.Unit(v.Get(member).Int()))
	}

	link := h.link(f.Place)
	place, _ := f.Place.Parent()
	site := h.link(place)
	site.Name = h.siteName[f.Site]
	return flavorRow{
		Name: link.Name, Page: link.Page, UID: f.UID, SiteUID: f.Site, Site: site,
		VCPUs:  hardware.KindCount.Unit(v.Get("vcpus").Int()),
		Memory: size("ram_size"),
		Disk:   size("disk_size"),
		GPU:    hardware.FlavorGPU(v),
		Cost:   v.Get("su_cost_per_hour").String(),
		texts:  hardware.FlavorTexts(v, f.UID, f.Site, site.Name),
	}
}

// flavor is the page of a flavor.
func (h *Hardware) flavor(f inventory.Resource) (Page, error) {
	file := hardware.Parse(f.File.Text)
	row := h.flavorRow(f, file)
	name := fmt.Sprintf("%s at %s", change.Isolate(row.Name), change.Isolate(row.Site.Name))
	p := flavorPage{
		hardwarePage: h.page("Flavor "+name, "The size of virtual machine "+name+".", h.trailAbove(f.Place)...),
		Flavor:       row,
		Availability: h.renderer.path(route.FlavorAvailability, f.Args()...),
	}

	// What the summary has not, as the file has it.
	for _, m := range file.Members {
		if s := readSection(m); s.Title != "" {
			p.Sections = append(p.Sections, s)
		}
	}

	p.Reserve = h.renderer.reservePanel("Reserve", siteChoice(f.Site))
	p.Reserve.Flavor, p.Reserve.Unit = row.Name, "Virtual machines"
	p.Script = "flavor.js"
	p.describe(f.Place)
	return h.renderer.render("hardware_flavor.html.tmpl", p)
}
