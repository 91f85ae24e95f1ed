package availhttp

import (
	"fmt"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/route"
)

// listCapacity has an entry for each group and step.
func listCapacity(_ *view, question string, capacity api.NodeCapacity, now time.Time) listed {
	of := listed{kind: "capacity", title: "Free nodes", page: route.HardwareNodes.Path()}
	for _, s := range capacity.Sites {
		of.notices = append(of.notices, s.Notices...)
	}
	start, step := timeOf(capacity.Start), time.Duration(capacity.Step)*time.Second
	window := availability.Interval{Start: availability.At(start), End: availability.At(timeOf(capacity.End))}
	edges := availability.StepEdges(window, availability.Time(step.Microseconds()))
	for _, g := range capacity.Items {
		what := "nodes"
		if g.Value != nil {
			what = *g.Value
		}
		for i, least := range g.Least {
			if least == nil {
				continue // past
			}
			from, to := edges[i].Std(), edges[i+1].Std()
			of.entries = append(of.entries, entry{
				id: entryID(from, now, "capacity", question, what), start: from, end: to, page: of.page, category: what,
				title: fmt.Sprintf("%d of %d %s free, %s", *least, g.Nodes, what, span(from, to)),
				text:  fmt.Sprintf("At least %d of %d are free all the time.", *least, g.Nodes),
			})
		}
	}
	of.nearest = fewerSteps(window, len(capacity.Items))
	return of
}

// fewerSteps is the parameter for the shortest steps of which a feed has room.
func fewerSteps(window availability.Interval, groups int) string {
	const day = 24 * time.Hour
	for _, step := range []time.Duration{
		time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 7 * day,
	} {
		if groups*availability.StepCount(window, availability.Time(step.Microseconds())) <= route.MaxFeedEntries {
			return "step=" + route.FormatDuration(step)
		}
	}
	return ""
}
