// Command ogen makes calls with the client that ogen generates, and prints what
// they return.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"example.org/clients/ogen/api"
)

const (
	site, cluster, node = "north", "alpha", "1b2e4d63-7e2c-4a1f-8b66-3c9e6f2d5b02"
	commit              = "ae5f257ab214f7bdb03b505bfca25cf8515b21d9"
)

type call func(context.Context, *api.Client) (string, error)

func main() {
	client, err := api.NewClient(os.Args[1])
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

// as returns a response of the expected type.
func as[T any](response any, err error) (T, error) {
	got, ok := response.(T)
	if err == nil && !ok {
		err = fmt.Errorf("a %T, not a %T", response, got)
	}
	return got, err
}

func listSites(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.SiteCollectionHeaders](client.ListSites(ctx, api.ListSitesParams{}))
	if err != nil {
		return "", err
	}
	var uids []string
	for _, s := range res.Response.Items {
		uids = append(uids, s.UID)
	}
	return strings.Join(uids, ", "), nil
}

func getNode(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.ClusterNodeHeaders](client.GetNode(ctx,
		api.GetNodeParams{Site: site, Cluster: cluster, Node: node}))
	if err != nil {
		return "", err
	}
	n := res.Response
	return fmt.Sprintf("%s, %s, %d threads", n.NodeName.Value, n.NodeType.Value,
		n.Architecture.Value.SmtSize.Value), nil
}

func listClusterNodes(ctx context.Context, client *api.Client) (string, error) {
	const limit = 2
	nodes, pages := 0, 0
	for offset, total := int64(0), int64(1); offset < total; offset += limit {
		res, err := as[*api.NodeCollectionHeaders](client.ListClusterNodes(ctx, api.ListClusterNodesParams{
			Site: site, Cluster: cluster, Offset: api.NewOptInt64(offset), Limit: api.NewOptInt64(limit),
		}))
		if err != nil {
			return "", err
		}
		total = res.Response.Total
		nodes += len(res.Response.Items)
		pages++
	}
	return fmt.Sprintf("%d nodes on %d pages", nodes, pages), nil
}

func searchNodes(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.SearchResultHeaders](client.SearchNodes(ctx, api.SearchNodesParams{
		MinGpus: api.NewOptInt64(4), Infiniband: api.NewOptBool(true), Sort: api.NewOptString("-ram,uid"),
	}))
	if err != nil {
		return "", err
	}
	gpu := res.Response.Items[0].Gpu.Value
	return fmt.Sprintf("%d nodes, the first with %d %s", res.Response.Total, gpu.GpuCount.Value,
		gpu.GpuModel.Value), nil
}

func searchWindow(ctx context.Context, client *api.Client) (string, error) {
	start := time.Now().Add(24 * time.Hour)
	res, err := as[*api.SearchResultHeaders](client.SearchNodes(ctx, api.SearchNodesParams{
		Start:  api.NewOptDateTime(start),
		End:    api.NewOptDateTime(start.Add(time.Hour)),
		Fields: api.NewOptString("uid,availability"),
	}))
	if err != nil {
		return "", err
	}
	for _, n := range res.Response.Items {
		if n.Availability.Value == "reserved" {
			return n.UID.Value + " is reserved", nil
		}
	}
	return "none that is reserved", nil
}

func searchNodesByFilters(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.SearchResultHeaders](client.SearchNodesByFilters(ctx,
		&api.NodeFilterSet{FilterSet: []api.NodeFilter{{NodeTypes: []string{"arm_thunder"}}}},
		api.SearchNodesByFiltersParams{}))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d nodes at %s", len(res.Response.Items), res.Response.Items[0].ClusterID.Value), nil
}

func findSlots(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.SlotListHeaders](client.FindSlots(ctx, api.FindSlotsParams{
		Count: api.NewOptInt64(2), Hours: api.NewOptFloat64(4), Gpu: api.NewOptBool(false),
	}))
	if err != nil {
		return "", err
	}
	s := res.Response.Items[0]
	return fmt.Sprintf("%d nodes at %s for %.0f hours", len(s.Nodes), s.SiteID.Value, s.End.Sub(s.Start).Hours()), nil
}

func listNodeAvailability(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.NodeAvailabilityListHeaders](client.ListNodeAvailability(ctx,
		api.ListNodeAvailabilityParams{}))
	if err != nil {
		return "", err
	}
	for _, n := range res.Response.Items {
		for _, r := range n.Reservations {
			if r.End.Before(r.Start) {
				return "a reservation that ends before it starts", nil
			}
		}
	}
	if !res.Response.Demonstration.Set {
		return fmt.Sprintf("%d nodes", res.Response.Total), nil
	}
	return fmt.Sprintf("%d nodes of simulated data", res.Response.Total), nil
}

func getNodeAvailability(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.NodeAvailabilityHeaders](client.GetNodeAvailability(ctx,
		api.GetNodeAvailabilityParams{Site: site, Cluster: cluster, Node: node}))
	if err != nil {
		return "", err
	}
	if age := time.Since(res.Response.LastUpdated); age > time.Hour {
		return age.String(), nil
	}
	return "a node at " + res.Response.SiteID + ", as of now", nil
}

func listNodeVersions(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.VersionCollectionHeaders](client.ListNodeVersions(ctx,
		api.ListNodeVersionsParams{Site: site, Cluster: cluster, Node: node}))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d, the first by %s", res.Response.Total, res.Response.Items[1].Author), nil
}

func getNodeHistory(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.NodeHistoryHeaders](client.GetNodeHistory(ctx,
		api.GetNodeHistoryParams{Site: site, Cluster: cluster, Node: node}))
	if err != nil {
		return "", err
	}
	h := res.Response
	step := h.Items[0].Patch[0]
	if h.Version.Value != h.Items[0].Version.UID || h.File.Value.AdminNote.Value == "" || step.Op != "add" {
		return fmt.Sprintf("%+v", h), nil
	}
	return fmt.Sprintf("%d versions, %s is younger than the first", h.Total, step.Path[1:]), nil
}

func getCommitChanges(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.ChangeSetHeaders](client.GetCommitChanges(ctx, api.GetCommitChangesParams{Commit: commit}))
	if err != nil {
		return "", err
	}
	step := res.Response.Changed[0].Patch[0]
	return string(step.Op) + " " + step.Path, nil
}

func getNodeFacets(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.NodeFacetsHeaders](client.GetNodeFacets(ctx))
	if err != nil {
		return "", err
	}
	var found []string
	for _, facet := range res.Response.Items {
		for _, v := range facet.Values {
			if v.Value.String == "compute_skylake" {
				found = append(found, fmt.Sprintf("%s %d", v.Value.String, v.Count))
			}
			if facet.Name == "threads" && v.Value.Int64 == 48 {
				found = append(found, fmt.Sprintf("%d threads %d", v.Value.Int64, v.Count))
			}
		}
	}
	return strings.Join(found, ", "), nil
}

func exportNodesCSV(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.ExportNodesCSVOKHeaders](client.ExportNodesCSV(ctx))
	if err != nil {
		return "", err
	}
	table, err := io.ReadAll(res.Response)
	return fmt.Sprintf("%d lines", bytes.Count(table, []byte("\n"))), err
}

func getSite(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.GetSiteNotFound](client.GetSite(ctx, api.GetSiteParams{Site: "nowhere"}))
	if err != nil {
		return "", err
	}
	return fmt.Sprint(res.Status, " ", res.Detail), nil
}

func searchNothing(ctx context.Context, client *api.Client) (string, error) {
	res, err := as[*api.ValidationError](client.SearchNodes(ctx, api.SearchNodesParams{Limit: api.NewOptInt64(0)}))
	if err != nil {
		return "", err
	}
	fault := res.Detail[0]
	return fmt.Sprintf("422 %s in %s", fault.Type, strings.Join(fault.Loc, " ")), nil
}
