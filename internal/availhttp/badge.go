package availhttp

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// badge responds with a picture of how many nodes are free now.
func (h *Handler) badge(v *view, r *http.Request, _ []string, now time.Time) answer {
	values, faults := readQuery(route.Badge.Get().Query, r.URL.RawQuery)
	label := cmp.Or(values.Text("label"), "nodes")
	if len(label) > route.MaxBadgeLabel {
		faults = append(faults, values.Fault("label", fmt.Sprintf("at most %d bytes", route.MaxBadgeLabel)))
	}
	if faults != nil {
		return validationError(faults...)
	}

	all, free, until := 0, 0, availability.Forever
	for _, node := range v.findNodes(values) {
		if v.byFlavor(node) {
			continue
		}
		state, end := v.hosts[node].State(availability.At(now))
		until = min(until, end)
		all++
		if state == availability.Available {
			free++
		}
	}

	return answer{
		content: newContent(drawBadge(label, free, all)), mediaType: route.Badge.Get().MediaType(),
		lastModified: v.lastModified, until: until,
	}
}

// Colors of a badge's number: some are free, or none. Both are dark enough for white text.
const (
	badgeFree = "#0e6a34"
	badgeNone = "#874900"
)

// drawBadge draws a label and a number next to each other. The widths of texts are guesses
// that textLength makes true.
func drawBadge(label string, free, all int) []byte {
	const letter, margin, height = 7, 8, 20
	number := fmt.Sprintf("%d/%d free", free, all)
	left, right := utf8.RuneCountInString(label)*letter+2*margin, len(number)*letter+2*margin
	color := badgeFree
	if free == 0 {
		color = badgeNone
	}

	var name bytes.Buffer
	_ = xml.EscapeText(&name, []byte(label)) // a buffer takes everything
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" role="img" aria-label="%[3]s: %[4]s">`+
		`<title>%[3]s: %[4]s</title><rect width="%[5]d" height="%[2]d" fill="#3b4249"/><rect x="%[5]d" width="%[6]d" height="%[2]d" fill="%[7]s"/>`+
		`<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"><text x="%[8]d" y="14" textLength="%[9]d">%[3]s</text>`+
		`<text x="%[10]d" y="14" textLength="%[11]d">%[4]s</text></g></svg>`+"\n",
		left+right, height, name.String(), number, left, right, color, margin, left-2*margin, left+margin, right-2*margin)
}
