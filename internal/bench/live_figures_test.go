package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// liveFile has what the live half costs with few and with many nodes, as [BenchmarkScale]
// measured it last with -record.
const liveFile = "testdata/live.json"

// liveFigures are ms of processor time, or MB, with 5,000 nodes and with 50,000.
type liveFigures struct {
	Machine string    `json:"machine"`
	Load    string    `json:"load"` // processes that wanted to run, of the last minutes
	Rows    []liveRow `json:"rows"`
}

type liveRow struct {
	Name string  `json:"name"`
	Few  float64 `json:"few"`
	Many float64 `json:"many"`
}

// yardstickRow is the name of the row that all others are compared with.
const yardstickRow = "the yardstick: json.Valid of all nodes"

// readLive reads liveFile; nothing where there is none.
func readLive() (f liveFigures, err error) {
	text, err := os.ReadFile(liveFile)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	return f, err
}

// keepLive writes liveFile and the document.
func keepLive(f liveFigures) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err == nil {
		err = os.WriteFile(liveFile, append(text, '\n'), 0o644)
	}
	if err != nil {
		return err
	}

	all, err := readFigures()
	if err != nil {
		return err
	}
	return os.WriteFile("../../"+documentFile, []byte(document(all, f)), 0o644)
}

// section is the part of the document about the live half.
func (f liveFigures) section() string {
	if len(f.Rows) == 0 {
		return ""
	}

	var w strings.Builder
	fmt.Fprintf(&w, "\n## The live half\n\nWritten by `go test ./internal/bench -run '^$' -bench Scale -benchtime 1x -record`. "+
		"Milliseconds of processor time, medians of %d, with 200,000 reservations; in brackets, parts of a yardstick of the same "+
		"run, which reads the JSON of all nodes once. %s; %s.\n\n"+
		"| | 5,000 nodes | 50,000 nodes | times |\n|---|---|---|---|\n", rounds, f.Machine, f.Load)
	var few, many float64
	for _, r := range f.Rows {
		if r.Name == yardstickRow {
			few, many = r.Few, r.Many
		}
	}
	for _, r := range f.Rows {
		of := func(v, yardstick float64) string {
			if strings.HasPrefix(r.Name, "MB") {
				return number(v)
			}
			return fmt.Sprintf("%s (%.3f)", number(v), v/yardstick)
		}
		fmt.Fprintf(&w, "| %s | %s | %s | %.1f |\n", r.Name, of(r.Few, few), of(r.Many, many), r.Many/r.Few)
	}
	return w.String()
}
