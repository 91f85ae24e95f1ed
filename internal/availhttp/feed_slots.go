package availhttp

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// listSlots has an entry for each slot.
func listSlots(v *view, question string, slots api.SlotList, now time.Time) listed {
	of := listed{kind: "slots", title: "Free slots", page: withQuery(route.HardwareSlots.Path(), question), notices: slots.Notices}
	names := v.nodeNames()
	for i := range slots.Items {
		s := &slots.Items[i]
		start, end := timeOf(s.Start), timeOf(s.End)
		where := "several sites"
		if s.SiteID != nil {
			where = *s.SiteID
		}
		of.entries = append(of.entries, entry{
			id: entryID(start, now, "slot", question, where), start: start, end: end, page: of.page, category: where,
			title: fmt.Sprintf("%s free at %s, %s", count(len(s.Nodes), "node"), where, span(start, end)),
			text:  "Free: " + listNames(names, s.Nodes),
		})
	}
	return of
}

// maxNames is how many nodes an entry names.
const maxNames = 20

func listNames(names map[string]string, uids []api.UID) string {
	var all []string
	for _, uid := range uids[:min(maxNames, len(uids))] {
		all = append(all, cmp.Or(names[uid], uid))
	}
	text := strings.Join(all, ", ")
	if more := len(uids) - len(all); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// nodeNames returns the names of nodes by their uids.
func (v *view) nodeNames() map[string]string {
	names := make(map[string]string, len(v.release.Nodes))
	for i := range v.release.Nodes {
		names[v.release.Nodes[i].UID] = v.release.Nodes[i].Name
	}
	return names
}
