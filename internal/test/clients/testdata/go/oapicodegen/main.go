// Command oapicodegen makes calls with the client that oapi-codegen generates,
// and prints what they return.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"example.org/clients/oapicodegen/api"
)

const (
	site, cluster, node = "north", "alpha", "1b2e4d63-7e2c-4a1f-8b66-3c9e6f2d5b02"
	commit              = "ae5f257ab214f7bdb03b505bfca25cf8515b21d9"
)

var errOther = errors.New("another response than the document's")

type call func(context.Context, *api.ClientWithResponses) (string, error)

func main() {
	client, err := api.NewClientWithResponses(os.Args[1])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}

	for _, c := range []struct {
		name string
		call call
	}{
		{"listSites", listSites},
		{"getNode", getNode},
		{"listClusterNodes", listClusterNodes},
		{"searchNodes", searchNodes},
		{"searchNodes in a window", searchWindow},
		{"searchNodesByFilters", searchNodesByFilters},
		{"findSlots", findSlots},
		{"listNodeAvailability", listNodeAvailability},
		{"getNodeAvailability", getNodeAvailability},
		{"listNodeVersions", listNodeVersions},
		{"getNodeHistory", getNodeHistory},
		{"getCommitChanges", getCommitChanges},
		{"getNodeFacets", getNodeFacets},
		{"exportNodesCSV", exportNodesCSV},
		{"getSite", getSite},
		{"searchNodes without items", searchNothing},
	} {
		got, err := c.call(context.Background(), client)
		if err != nil {
			got = "error: " + err.Error()
		}
		fmt.Printf("%s: %s\n", c.name, got)
	}
}

func listSites(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.ListSitesWithResponse(ctx, nil)
	if err != nil || res.JSON200 == nil {
		return "", errors.Join(err, errOther)
	}
	var uids []string
	for _, s := range res.JSON200.Items {
		uids = append(uids, s.Uid)
	}
	return strings.Join(uids, ", "), nil
}

func getNode(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.GetNodeWithResponse(ctx, site, cluster, node)
	if err != nil || res.JSON200 == nil {
		return "", errors.Join(err, errOther)
	}
	n := res.JSON200
	return fmt.Sprintf("%s, %s, %d threads", *n.NodeName, *n.NodeType, *n.Architecture.SmtSize), nil
}

func listClusterNodes(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	const limit = 2
	nodes, pages := 0, 0
	for offset, total := int64(0), int64(1); offset < total; offset += limit {
		res, err := client.ListClusterNodesWithResponse(ctx, site, cluster,
			&api.ListClusterNodesParams{Offset: new(offset), Limit: new(int64(limit))})
		if err != nil || res.JSON200 == nil {
			return "", errors.Join(err, errOther)
		}
		total = res.JSON200.Total
		nodes += len(res.JSON200.Items)
		pages++
	}
	return fmt.Sprintf("%d nodes on %d pages", nodes, pages), nil
}

func searchNodes(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.SearchNodesWithResponse(ctx,
		&api.SearchNodesParams{MinGpus: new(int64(4)), Infiniband: new(true), Sort: new("-ram,uid")})
	if err != nil || res.JSON200 == nil {
		return "", errors.Join(err, errOther)
	}
	gpu := res.JSON200.Items[0].Gpu
	return fmt.Sprintf("%d nodes, the first with %d %s", res.JSON200.Total, *gpu.GpuCount, *gpu.GpuModel), nil
}

func searchWindow(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	start := time.Now().Add(24 * time.Hour)
	res, err := client.SearchNodesWithResponse(ctx, &api.SearchNodesParams{
		Start:  &start,
		End:    new(start.Add(time.Hour)),
		Fields: new("uid,availability"),
	})
	if err != nil || res.JSON200 == nil {
		return "", errors.Join(err, errOther)
	}
	for _, n := range res.JSON200.Items {
		if *n.Availability == "reserved" {
			return *n.Uid + " is reserved", nil
		}
	}
	return "none that is reserved", nil
}

func searchNodesByFilters(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.SearchNodesByFiltersWithResponse(ctx, nil, api.NodeFilterSet{
		FilterSet: &[]api.NodeFilter{{NodeTypes: &[]string{"arm_thunder"}}},
	})
	if err != nil || res.JSON200 == nil {
		return "", errors.Join(err, errOther)
	}
	return fmt.Sprintf("%d nodes at %s", len(res.JSON200.Items), *res.JSON200.Items[0].ClusterId), nil
}

func findSlots(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.FindSlotsWithResponse(ctx,
		&api.FindSlotsParams{Count: new(int64(2)), Hours: new(4.0), Gpu: new(false)})
	if err != nil || res.JSON200 == nil {
		return "", errors.Join(err, errOther)
	}
	s := res.JSON200.Items[0]
	return fmt.Sprintf("%d nodes at %s for %.0f hours", len(s.Nodes), *s.SiteId, s.End.Sub(s.Start).Hours()), nil
}

func listNodeAvailability(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.ListNodeAvailabilityWithResponse(ctx, nil)
	if err != nil || res.JSON200 == nil {
		return "", errors.Join(err, errOther)
	}
	for _, n := range res.JSON200.Items {
		for _, r := range *n.Reservations {
			if r.End.Before(r.Start) {
				return "a reservation that ends before it starts", nil
			}
		}
	}
	if res.JSON200.Demonstration == nil {
		return fmt.Sprintf("%d nodes", res.JSON200.Total), nil
	}
	return fmt.Sprintf("%d nodes of simulated data", res.JSON200.Total), nil
}

func getNodeAvailability(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.GetNodeAvailabilityWithResponse(ctx, site, cluster, node)
	if err != nil || res.JSON200 == nil {
		return "", errors.Join(err, errOther)
	}
	if age := time.Since(res.JSON200.LastUpdated); age > time.Hour {
		return age.String(), nil
	}
	return "a node at " + res.JSON200.SiteId + ", as of now", nil
}

func listNodeVersions(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.ListNodeVersionsWithResponse(ctx, site, cluster, node, nil)
	if err != nil || res.JSON200 == nil {
		return "", errors.Join(err, errOther)
	}
	return fmt.Sprintf("%d, the first by %s", res.JSON200.Total, res.JSON200.Items[1].Author), nil
}

func getNodeHistory(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.GetNodeHistoryWithResponse(ctx, site, cluster, node, nil)
	if err != nil || res.JSON200 == nil {
		return "", errors.Join(err, errOther)
	}
	h := res.JSON200
	step := (*h.Items[0].Patch)[0]
	if *h.Version != h.Items[0].Version.Uid || *h.File.AdminNote == "" || step.Op != "add" {
		return fmt.Sprintf("%+v", h), nil
	}
	return fmt.Sprintf("%d versions, %s is younger than the first", h.Total, step.Path[1:]), nil
}

func getCommitChanges(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.GetCommitChangesWithResponse(ctx, commit)
	if err != nil || res.JSON200 == nil {
		return "", errors.Join(err, errOther)
	}
	step := (*res.JSON200.Changed[0].Patch)[0]
	return string(step.Op) + " " + step.Path, nil
}

func getNodeFacets(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.GetNodeFacetsWithResponse(ctx)
	if err != nil || res.JSON200 == nil {
		return "", errors.Join(err, errOther)
	}
	var found []string
	for _, facet := range res.JSON200.Items {
		for _, v := range facet.Values {
			if text, err := v.Value.AsFacetValueValue0(); err == nil && text == "compute_skylake" {
				found = append(found, fmt.Sprintf("%s %d", text, v.Count))
			}
			if number, err := v.Value.AsFacetValueValue1(); err == nil && facet.Name == "threads" && number == 48 {
				found = append(found, fmt.Sprintf("%d threads %d", number, v.Count))
			}
		}
	}
	return strings.Join(found, ", "), nil
}

func exportNodesCSV(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.ExportNodesCSVWithResponse(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d lines", strings.Count(string(res.Body), "\n")), nil
}

func getSite(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.GetSiteWithResponse(ctx, "nowhere")
	if err != nil || res.ApplicationproblemJSON404 == nil {
		return "", errors.Join(err, errOther)
	}
	return fmt.Sprint(res.ApplicationproblemJSON404.Status, " ", res.ApplicationproblemJSON404.Detail), nil
}

func searchNothing(ctx context.Context, client *api.ClientWithResponses) (string, error) {
	res, err := client.SearchNodesWithResponse(ctx, &api.SearchNodesParams{Limit: new(int64(0))})
	if err != nil || res.JSON422 == nil {
		return "", errors.Join(err, errOther)
	}
	fault := res.JSON422.Detail[0]
	return fmt.Sprintf("%d %s in %s", res.StatusCode(), fault.Type, strings.Join(fault.Loc, " ")), nil
}
